"""From transactions to a mail: counted, collected, closed, kept, sent, and late ones told apart."""

import csv
import io
import re
from datetime import timedelta

import pypdfium2
import pytest
from django.core import mail

from sla.collecting.ticks import collect
from sla.models import Report
from sla.reports.asking import asked_named
from sla.reports.closing import close_ended
from sla.reports.keeping import document_of, is_genuine, keep
from sla.reports.schedules.sending import send_due
from sla.services.defaults import ensure_defaults
from tests.projects.builders import make_project
from tests.sla.costs.builders import requests
from tests.sla.reports.schedules.test_sending import make_schedule
from tests.sla.reports.test_document import DAY, at
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db
MIDNIGHT = at("2026-11-24T00:00")
START = int((MIDNIGHT - DAY).timestamp())


def test_what_was_sent_is_what_was_counted_and_stays_so() -> None:
    project = make_project()
    ensure_defaults(project, now=MIDNIGHT - 2 * DAY)
    for minute, (good, failed) in {60: (40, 0), 61: (30, 3), 900: (25, 2)}.items():
        requests(good, minute, start=START)
        requests(failed, minute, start=START, is_failed=True)
    now = MIDNIGHT + timedelta(minutes=10)
    collect(MIDNIGHT + timedelta(minutes=1))
    collect(now)
    make_schedule(cadence="daily", next_due_at=now, formats=["pdf", "csv"])
    close_ended(now)
    assert send_due(now) == 1

    (sent,) = mail.outbox
    files = {name.rpartition(".")[2]: content for name, content, _ in sent.attachments}
    pdf = pypdfium2.PdfDocument(files["pdf"])
    text = re.sub(r"\s+", " ", pdf[0].get_textpage().get_text_range())
    pdf.close()
    rows = {row["metric_name"]: row for row in csv.DictReader(io.StringIO(files["csv"].removeprefix("\ufeff")))}
    assert (rows["availability"]["valid"], rows["availability"]["bad"]) == ("100", "5")
    assert (rows["error_rate"]["value"], rows["uptime"]["state"]) == ("0.05", "no_data")
    assert "5 / 100" in text and "5 / 100" in sent.body and "No data: uptime." in sent.body

    first = Report.objects.get()
    requests(7, 61, start=START, is_failed=True)
    collect(now + timedelta(hours=1))
    again = keep(SYSTEM, project, asked_named("2026-11-23"), now=now + timedelta(hours=2))
    entries = {entry["metric_name"]: entry for entry in document_of(again)["targets"]}
    assert entries["availability"]["adjusted"]["bad"] == "5"
    assert (entries["availability"]["late"]["valid"], entries["availability"]["late"]["bad"]) == ("7", "7")
    first.refresh_from_db()
    assert is_genuine(first) and document_of(first)["targets"][0]["late"] is None
