"""What the mail says, line by line."""

import pytest

from alerts.choices import AlertSeverity
from alerts.mails import build_mail, describe
from tests.alerts.builders import MINUTE
from tests.alerts.channels.builders import NOW, make_facts, make_message

TO = ["ann@example.com"]
ENDED = {"headline": "Ended: error rate, 24 min, peak 2.4%", "ended_at": NOW + 24 * MINUTE}


def test_the_subject_says_how_bad_what_and_where() -> None:
    subject = "[critical] Error rate 2.1% on POST /orders · trading-api production"
    assert build_mail(make_message(), to=TO).subject == subject


def test_the_subject_of_the_end_says_how_long_and_how_bad() -> None:
    subject = "Ended: error rate, 24 min, peak 2.4% · trading-api production"
    assert build_mail(make_message("resolved", **ENDED), to=TO).subject == subject


def test_a_possible_repeat_is_marked() -> None:
    message = make_message(may_be_repeat=True)
    assert describe(message).subject.endswith("production (possible repeat)")
    assert describe(message).repeat.startswith("Possible repeat:")


def test_the_text_answers_what_since_when_why_you_and_what_next() -> None:
    message = make_message(likely_cause="POST /orders: 249 of the 307.", alerts=(make_facts(count=3),))
    assert build_mail(message, to=TO).body == (
        "Error rate 2.1% on POST /orders\n"
        "trading-api production\n"
        "\n"
        "312 failed / 14,800 requests in 5 min.\n"
        "\n"
        "Since 15:12 UTC, 23 Nov 2026, 3 times.\n"
        "Likely cause: POST /orders: 249 of the 307.\n"
        "Why you: You are responder.\n"
        "What happens next: Nobody has acknowledged it. It stays open until it ends or is resolved, and you are told"
        " then.\n"
        "\n"
        "Alert: https://watch.example.com/alerts/7\n"
        "Acknowledge: https://watch.example.com/alerts/answer/ack\n"
        "Resolve: https://watch.example.com/alerts/answer/res\n"
        "Details: https://watch.example.com/issues/7\n"
    )


def test_a_group_is_a_list_of_its_alerts_and_says_how_many_are_not_shown() -> None:
    facts = tuple(make_facts(id=number, title=f"Order {number} lost") for number in range(12))
    mail = build_mail(make_message(alerts=facts, more_alerts=100), to=TO)
    assert "- [critical] Order 9 lost\n- and 102 more\n" in mail.body
    assert "<li" in str(mail.alternatives[0][0]) and "and 102 more" in str(mail.alternatives[0][0])
    assert "Order 10" not in mail.body


def test_what_is_not_known_is_left_out() -> None:
    bare = make_message(why="", acknowledge_url="", resolve_url="", alerts=(make_facts(link="", message=""),))
    body = build_mail(bare, to=TO).body
    assert not [word for word in ("Likely", "Details", "repeat", "Why", "Acknowledge:", "Resolve:") if word in body]


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        ({"transaction": "POST /orders", "culprit": "f in m", "release": "2.0.1"}, "In POST /orders, release 2.0.1.\n"),
        ({"culprit": "lookup in quotes"}, "In lookup in quotes.\n"),
        ({"release": "2.0.1"}, "In release 2.0.1.\n"),
    ],
)
def test_where_in_the_application_it_is(tags: dict[str, str], line: str) -> None:
    assert line in str(build_mail(make_message(alerts=(make_facts(tags=tags),)), to=TO).body)


def test_the_end_says_from_when_to_when_and_asks_for_nothing() -> None:
    page = describe(make_message("resolved", **ENDED))
    assert page.times == "Since 15:12 UTC, 23 Nov 2026, until 15:36 UTC, 23 Nov 2026"
    assert page.next.startswith("Nothing.")
    assert (page.acknowledge_url, page.resolve_url) == ("", "")


def test_hostile_titles_add_no_header_and_no_markup() -> None:
    hostile = make_facts(message="<img src=x onerror=alert(1)>\nsecond line")
    mail = build_mail(
        make_message(
            headline="x\r\nBcc: eve@example.com\n\n<script>alert(1)</script>",
            environment="prod\nCc: eve@example.com",
            alerts=(hostile,),
        ),
        to=TO,
    )
    sent = mail.message()
    assert sent["Bcc"] is None and sent["Cc"] is None
    assert mail.recipients() == TO
    html = str(mail.alternatives[0][0])
    assert "<script" not in html and "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;<br>second line" in html
    assert "<img src=x onerror=alert(1)>" in mail.body  # text is text


def test_every_attempt_has_the_same_id_and_all_of_a_group_one_thread(settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "TradeWatch <watch@example.com>"
    first, again = build_mail(make_message(), to=TO).message(), build_mail(make_message(), to=TO).message()
    end = build_mail(make_message("resolved", idempotency_key="notification-10", **ENDED), to=TO).message()
    assert first["Message-ID"] == again["Message-ID"] != end["Message-ID"]
    assert first["References"] == end["References"]
    assert first["References"].startswith("<alert-") and first["References"].endswith("@example.com>")


@pytest.mark.parametrize("severity", list(AlertSeverity))
def test_every_severity_has_a_badge(severity: AlertSeverity) -> None:
    message = make_message(severity=severity)
    page = describe(message)
    assert page.badge == severity
    assert page.badge_background in str(build_mail(message, to=TO).alternatives[0][0])


def test_a_templates_text_stands_in_place_of_the_usual() -> None:
    body = build_mail(make_message(text="Desk: call Ann.\nSecond line"), to=TO).body
    assert "Desk: call Ann.\nSecond line" in body and "312 failed" not in body
