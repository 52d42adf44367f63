from typing import Any

import pytest

from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.values import MORE, pairs_html, text_html, value_html


def html_of(value: Any, **options: Any) -> str:
    return value_html(value, Budget(100_000), **options)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("<b>", "&lt;b&gt;"),
        ("[Filtered]", '<span class="gone">removed</span>'),
        ("a [removed: token] b", 'a <span class="gone">removed: token</span> b'),
        ("[removed: <i>]", '<span class="gone">removed: &lt;i&gt;</span>'),
        ("abc\u202efdp.exe\x1b[2J", "abc\\u202efdp.exe\\u001b[2J"),
    ],
)
def test_texts_are_escaped_what_was_removed_is_set_apart_and_nothing_acts_on_the_reader(text: str, html: str) -> None:
    assert text_html(text) == html


def test_a_long_text_says_how_much_is_missing() -> None:
    assert text_html("x" * 12_345, 100).endswith("… 12,245 characters more</span>")


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (None, '<span class="v-k">null</span>'),
        (True, '<span class="v-k">true</span>'),
        (200, '<span class="v-n">200</span>'),
        (1.5, '<span class="v-n">1.5</span>'),
        ("'ACC-1'", "&#x27;ACC-1&#x27;"),
        ({}, '<span class="faint">{}</span>'),
        ([], '<span class="faint">[]</span>'),
        ([1, 2], '[<span class="v-n">1</span>, <span class="v-n">2</span>]'),
        ({"a": 1}, '{a: <span class="v-n">1</span>}'),
    ],
)
def test_kinds_of_values_are_told_apart(value: Any, html: str) -> None:
    assert html_of(value) == html


def test_texts_stand_in_quotes_where_the_client_sends_values() -> None:
    assert html_of("200", quotes="always") == '<span class="v-s">"200"</span>'


def test_nested_values_unfold_and_say_how_many_they_hold() -> None:
    html = html_of({"order": {"id": 7, "legs": [{"side": "buy"}]}})
    assert html.count("<details") == 3
    assert "2 keys" in html
    assert "side" in html


def test_two_hundred_levels_end_where_nobody_reads_on() -> None:
    deep: Any = "bottom"
    for _ in range(200):
        deep = {"next": deep}
    html = html_of(deep)
    assert "nested deeper" in html
    assert html.count("<details") <= 8
    assert "bottom" not in html


def test_what_does_not_fit_is_left_to_the_raw_document_and_said() -> None:
    assert value_html("x" * 500, Budget(100)) == MORE
    wide = html_of({f"key{n}": n for n in range(1000)})
    assert "900 more" in wide
    assert "50 more in the raw JSON" in pairs_html([(f"k{n}", 1) for n in range(150)], Budget(100_000))


def test_pairs_never_write_more_than_their_budget() -> None:
    budget = Budget(3000)
    html = pairs_html([("<" * 100, ["<" * 300, {"<": "<" * 300}]) for _ in range(50)], budget)
    assert len(html) < 3600
    assert "more in the raw JSON" in html
