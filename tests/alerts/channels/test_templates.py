"""Templates: what they may say, what they may not, and where a fault is."""

import pytest

from alerts.channels.samples import sample_messages
from alerts.channels.templates import OUTPUT_CHARACTERS, TemplateFault, Words, apply_words, fault_in_template, render
from tests.alerts.channels.builders import NOW, make_facts, make_message

GROUP = make_message(alerts=(make_facts(), make_facts(id=8, title="KeyError", severity="error")), labels={"desk": "fx"})


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ headline|upper }}", "ERROR RATE 2.1% ON POST /ORDERS"),
        (
            "{% for a in alerts %}{{ loop.index }}/{{ loop.length }} {{ a.title|truncate(12) }}\n{% endfor %}",
            "1/2 Error...\n2/2 KeyError\n",
        ),
        ("{% for a in alerts if a.severity == 'error' %}{{ a.title }}{% endfor %}", "KeyError"),
        ("{% if event == 'firing' %}on{% else %}off{% endif %} {{ labels.desk|default('?') }}", "on fx"),
        ("{{ alert.tags.release|default('no release') }}", "no release"),
        ("{{ alerts|length }} {{ place }}", "2 trading-api production"),
        ("{{ starts_at }}", "2026-11-23 15:12:30+00:00"),
        ("<b>{{ headline }}</b>", "<b>Error rate 2.1% on POST /orders</b>"),
    ],
)  # fmt: skip
def test_what_a_template_can_say(source: str, text: str) -> None:
    assert render(source, GROUP) == text


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("one\n{{ nope }}", "line 2: 'nope' is undefined"),
        ("{{ a.b", "line 1: unexpected end of template"),
        ("\n\n{% if x %}", "line 3: Unexpected end of template"),
        ("{{ headline|frobnicate }}", "line 1: No filter named 'frobnicate'"),
        ("\n{{ alerts / 2 }}", "line 2: TypeError"),
        ("{% set x = headline %}", "line 1: assign is not allowed"),
        ("{% macro m() %}{% endmacro %}", "line 1: macro is not allowed"),
        ("{% include 'alerts/mail.txt' %}", "line 1: include is not allowed"),
        ("{% import 'os' as os %}", "line 1: import is not allowed"),
        ("{{ headline * 1000000 }}", "line 1: mul is not allowed"),
        ("{{ 9 ** 999999999 }}", "line 1: pow is not allowed"),
        ("{{ '%999999999d' % 1 }}", "line 1: mod is not allowed"),
        ("{{ headline.format(1) }}", "line 1: call is not allowed"),
        ("{{ range(10) }}", "line 1: call is not allowed"),
        ("{{ _tick }}", "line 1: _tick is no value"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ alerts.__class__ }}", "unsafe"),
        ("{{ headline['__class__'] }}", "unsafe"),
        ("{{ headline|attr('__class__') }}", "No filter named 'attr'"),
        ("{% for a in headline recursive %}{% endfor %}", "for is not allowed"),
        ("x" * 4001, "at most 4,000 characters"),
    ],
)
def test_what_a_template_cannot_do_is_refused_with_its_line(source: str, says: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        render(source, GROUP)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in text %}" * 4 + "{% endfor %}" * 4,
        "{% for a in text %}{% for b in text if false %}{% endfor %}{% endfor %}",
    ],
)
def test_loops_come_to_an_end(source: str) -> None:
    with pytest.raises(TemplateFault, match="more than 5,000 rounds"):
        render(source, make_message(text="x" * 9_000))


def test_the_output_is_bounded() -> None:
    with pytest.raises(TemplateFault, match=f"gives more than {OUTPUT_CHARACTERS:,}"):
        render("{% for a in headline %}{{ text }}{% endfor %}", make_message(text="x" * 9_000))


def test_a_template_is_tried_on_firing_single_and_ended_messages() -> None:
    samples = sample_messages(now=NOW, public_url="https://watch.example.com")
    assert fault_in_template("{{ headline }} {{ alert.title }}", samples) == ""
    fault = fault_in_template("{{ headline }}\n{{ alert.tags.release }}", samples)
    assert fault == "line 2: 'dict object' has no attribute 'release' (tried on a single alert with little to say)"


def test_a_title_stays_one_line() -> None:
    worded, fault = apply_words(make_message(), Words(title="a\n\n{{ headline }}\r\nBcc: eve@example.com"))
    assert (worded.headline, fault) == ("a Error rate 2.1% on POST /orders Bcc: eve@example.com", "")


def test_an_empty_result_leaves_the_usual_title() -> None:
    assert apply_words(make_message(), Words(title="{{ '' }}"))[0].headline == make_message().headline
