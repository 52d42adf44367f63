import csv
import io
import json
import re
from datetime import datetime, time, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pypdfium2
import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from sla.models import Measure, Report, ReportMailing, ReportSchedule
from sla.reports.keeping import document_of
from sla.reports.schedules.sending import NOBODY, send_due
from tests.calendars.builders import thanksgiving_week
from tests.projects.builders import make_project, make_user
from tests.sla.reports.rows import count_minutes, make_target
from tests.sla.reports.test_document import DAY, MINUTE, at
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Membership

pytestmark = pytest.mark.django_db
DUE = at("2026-12-01T06:00")


def make_schedule(**fields: Any) -> ReportSchedule:
    """A monthly schedule that is due on 1 December 06:00 UTC and tells one address."""
    values = {
        "project": make_project(),
        "name": "Monthly to the desk",
        "cadence": "monthly",
        "at": time(6),
        "formats": ["csv"],
        "addresses": ["desk@bank.example"],
        "next_due_at": DUE,
    }
    return ReportSchedule.objects.create(**values | fields)


def counted(**values: Any) -> None:
    version = make_target(**values)
    Measure.objects.update(collected_until=DUE)
    count_minutes(version, {at("2026-11-04T15:30") + DAY * day: (1000, day % 3) for day in range(20)})


def receivers() -> list[str]:
    return [address for each in mail.outbox for address in each.to]


class Failing(EmailBackend):
    """A mail server that goes away while `is_down`."""

    is_down = True

    def send_messages(self, messages: Any) -> int:
        if Failing.is_down:
            raise SMTPServerDisconnected("desk@bank.example: connection lost")
        return super().send_messages(messages)


def test_from_counts_to_a_mail_whose_files_say_the_same_as_the_kept_document() -> None:
    counted()
    make_schedule(formats=["pdf", "csv", "json", "html"])
    assert send_due(DUE - MINUTE) == 0 and not mail.outbox
    assert send_due(DUE) == 1
    (sent,) = mail.outbox
    report = Report.objects.get()
    assert report.name == "SLA-2026-11" and report.made_by == "schedule Monthly to the desk"
    assert sent.subject == "[SLA] 1 of 1 target was met · November 2026 · Default"
    files = {name.rpartition(".")[2]: content for name, content, _ in sent.attachments}
    assert files.keys() == {"pdf", "csv", "json", "html"}

    kept = json.loads(files["json"])["targets"][0]["adjusted"]
    valid, bad = 20 * 1000, sum(day % 3 for day in range(20))  # counted once more, by hand
    assert (kept["valid"], kept["bad"], kept["received"]) == (str(valid), str(bad), valid)
    pdf = pypdfium2.PdfDocument(files["pdf"])
    text = re.sub(r"\s+", " ", " ".join(page.get_textpage().get_text_range() for page in pdf))
    pdf.close()
    assert f"{bad} / {valid:,}" in text and report.sha256 in text.replace(" ", "")
    (row,) = csv.DictReader(io.StringIO(files["csv"].removeprefix("\ufeff")))
    assert (row["valid"], row["bad"], row["sha256"]) == (str(valid), str(bad), report.sha256)
    html = str(sent.alternatives[0][0])
    for said in (sent.body, html, files["html"]):
        assert f"{bad} / {valid:,}" in said and report.sha256 in said
    assert f"/sla/reports/{report.pk}" in sent.body and "<script" not in html


def test_a_report_without_data_says_so_in_subject_text_html_and_pdf() -> None:
    make_target()
    make_schedule(formats=["pdf"])
    send_due(DUE)
    (sent,) = mail.outbox
    assert sent.subject.startswith("[SLA] 0 of 1 target was met, 1 has no data")
    assert "No data. Reached no data; bad / valid: no data; left: no data" in sent.body
    assert str(sent.alternatives[0][0]).count("no data") >= 3
    pdf = pypdfium2.PdfDocument(sent.attachments[0][1])
    assert pdf[0].get_textpage().get_text_range().count("no data") >= 3
    pdf.close()


def test_two_beats_and_a_late_one_send_it_once() -> None:
    counted()
    schedule = make_schedule()
    assert [send_due(DUE), send_due(DUE), send_due(DUE + MINUTE)] == [1, 0, 0]
    assert len(mail.outbox) == Report.objects.count() == 1
    schedule.refresh_from_db()
    assert schedule.next_due_at == at("2027-01-01T06:00")
    schedule_as_read_before = ReportSchedule(pk=schedule.pk, next_due_at=DUE)
    moved = ReportSchedule.objects.filter(pk=schedule.pk, next_due_at=schedule_as_read_before.next_due_at)
    assert not moved.exists()


def test_another_process_that_holds_the_lease_is_left_alone_until_it_ends() -> None:
    counted()
    schedule = make_schedule(next_due_at=DUE + 30 * DAY)
    ReportMailing.objects.create(
        schedule=schedule, period="2026-11", due_at=DUE, next_try_at=DUE, lease_until=DUE + 10 * MINUTE
    )
    assert send_due(DUE + MINUTE) == 0
    assert send_due(DUE + 11 * MINUTE) == 1


def test_mail_that_fails_is_tried_again_later_and_each_gets_it_once(settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    counted()
    make_schedule(addresses=["desk@bank.example", "risk@bank.example"])
    Failing.is_down = True
    assert send_due(DUE) == 0
    mailing = ReportMailing.objects.get()
    assert (mailing.fault, mailing.attempts, mailing.next_try_at) == (
        "SMTPServerDisconnected",
        1,
        DUE + timedelta(seconds=30),
    )
    mailing.told = ["desk@bank.example"]  # the first was accepted before the line broke
    mailing.save()
    Failing.is_down = False
    assert send_due(DUE + timedelta(seconds=20)) == 0
    assert send_due(DUE + MINUTE) == 1
    mailing.refresh_from_db()
    assert receivers() == ["risk@bank.example"] and mailing.told == ["desk@bank.example", "risk@bank.example"]
    assert Report.objects.count() == 1 and mailing.fault == "" and mailing.sent_at == DUE + MINUTE


def test_it_is_given_up_in_the_end_and_the_report_stays(settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    Failing.is_down = True
    counted()
    make_schedule()
    now = DUE
    for _ in range(12):
        send_due(now)
        now += timedelta(hours=5)
    mailing = ReportMailing.objects.filter(due_at=DUE).get()
    assert mailing.next_try_at is None and mailing.sent_at is None and mailing.attempts == 8
    assert mailing.report is not None and Report.objects.count() == 1


def test_after_a_long_stop_the_newest_is_sent_once_and_says_what_is_missing() -> None:
    counted()
    make_schedule(cadence="daily", next_due_at=at("2026-11-20T06:00"))
    assert send_due(at("2026-11-26T09:00")) == 1
    (sent,) = mail.outbox
    assert "Wednesday 25 November 2026" in sent.subject
    assert "This report was due 26 Nov 2026 06:00 UTC and could not be sent then." in sent.body
    assert "6 earlier ones are not sent: TradeWatch was not running when due." in sent.body


def test_people_get_it_while_they_may_see_the_project() -> None:
    counted()
    member = make_user("mara", role=Role.VIEWER, email="mara@bank.example")
    left = make_user("tom", role=Role.VIEWER, email="tom@bank.example")
    gone = make_user("eve", role=Role.VIEWER, email="eve@bank.example", is_active=False)
    schedule = make_schedule(addresses=["MARA@bank.example"])
    schedule.people.set([member, left, gone])
    Membership.objects.filter(user=left).delete()
    send_due(DUE)
    assert receivers() == ["mara@bank.example"]


def test_nobody_to_tell_keeps_the_report_and_says_so() -> None:
    counted()
    make_schedule(addresses=[])
    assert send_due(DUE) == 1 and not mail.outbox
    assert ReportMailing.objects.get().fault == NOBODY and Report.objects.count() == 1


def test_a_report_after_each_close_is_of_the_targets_in_that_markets_time() -> None:
    thanksgiving_week()
    make_target("around_the_clock")
    version = make_target(window="market", market="XNYS", window_unit="week")
    count_minutes(version, {at("2026-11-27T17:59"): (10, 0), at("2026-11-27T18:00"): (10, 10)})
    due = at("2026-11-27T18:10")
    schedule = make_schedule(cadence="market_close", market="XNYS", next_due_at=due)
    send_due(due)
    document = document_of(Report.objects.get())
    (entry,) = document["targets"]
    assert (document["name"], entry["metric_name"], entry["adjusted"]["valid"]) == (
        "SLA-XNYS-2026-11-27",
        "order_availability",
        "10",
    )
    assert document["period"]["is_over"] and entry["projected"] is None
    schedule.refresh_from_db()
    assert schedule.next_due_at == at("2026-11-30T21:10")


def test_a_calendar_that_ended_holds_the_schedule_until_it_knows_more() -> None:
    calendar = thanksgiving_week()
    make_target()
    schedule = make_schedule(cadence="market_close", market="XNYS", next_due_at=at("2026-11-30T21:10"))

    def next_due_after(now: datetime) -> datetime | None:
        send_due(now)
        schedule.refresh_from_db()
        return schedule.next_due_at

    assert next_due_after(at("2026-11-30T21:10")) is None
    calendar.days.create(day=at("2026-12-01T00:00"), opens_at=at("2026-12-01T14:30"), closes_at=at("2026-12-01T21:00"))
    assert next_due_after(at("2026-12-01T00:00")) == at("2026-12-01T21:10")
