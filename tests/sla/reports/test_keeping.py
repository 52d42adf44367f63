from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from sla.models import ClosedPeriod, Measure, Report
from sla.reports.asking import asked_named, read_asked
from sla.reports.canonical import digest_of
from sla.reports.keeping import document_of, is_genuine, keep, kept_file
from tests.projects.builders import make_project, make_user
from tests.sla.reports.rows import count_minutes, make_target
from tests.sla.reports.test_document import MINUTE, at
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.dashboard.scope import user_actor
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
NOW = at("2026-12-01T06:00")


def november(now=NOW, actor: Actor = SYSTEM) -> Report:
    return keep(actor, make_project(), asked_named("2026-11"), now=now)


def test_a_kept_report_is_unchanged_by_late_events_and_the_next_version_tells_them() -> None:
    version = make_target()
    Measure.objects.update(collected_until=NOW)
    count_minutes(version, {at("2026-11-04T15:30"): (1000, 1)})
    first = november()
    content, csv_before = bytes(first.document), kept_file(first, "csv").content
    count_minutes(version, {at("2026-11-04T15:30"): (1100, 50)})
    second = november(NOW + timedelta(hours=1))

    first = Report.objects.get(pk=first.pk)
    assert bytes(first.document) == content and kept_file(first, "csv").content == csv_before
    assert (first.version, second.version, first.name) == (1, 2, second.name)
    before, after = document_of(first)["targets"][0], document_of(second)["targets"][0]
    assert before["adjusted"] == after["adjusted"] and before["late"] is None
    assert (after["late"]["valid"], after["late"]["bad"]) == ("100", "49")
    assert is_genuine(first) and is_genuine(second) and first.sha256 != second.sha256
    assert first.sha256 == digest_of(kept_file(first, "json").content)


def test_keeping_closes_what_is_over_and_nothing_that_runs() -> None:
    make_target()
    Measure.objects.update(collected_until=NOW)
    keep(SYSTEM, make_project(), asked_named("2026-12"), now=NOW)
    keep(SYSTEM, make_project(), read_asked({"period_days": "7"}), now=NOW)
    assert not ClosedPeriod.objects.filter(label="2026-12").exists()
    november(at("2026-12-01T00:00") + 9 * MINUTE)
    assert not ClosedPeriod.objects.filter(label="2026-11").exists()
    november()
    assert ClosedPeriod.objects.filter(label="2026-11").count() == 1


def test_a_forged_report_is_found_out() -> None:
    make_target()
    report = november()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE sla_report SET lede = 'all was well' WHERE id = %s", [report.pk])
    report.lede = "all was well"
    assert not is_genuine(report)
    report.refresh_from_db()
    report.document = bytes(report.document).replace(b"no_data", b"met____")
    assert not is_genuine(report)


def test_it_takes_a_responder_and_stands_in_the_audit() -> None:
    make_target()
    viewer, responder = make_user("vera", role=Role.VIEWER), make_user("rob", role=Role.RESPONDER)
    with pytest.raises(NotAllowed):
        november(actor=user_actor(viewer))
    report = november(actor=user_actor(responder))
    entry = AuditEntry.objects.get(action="sla_report.keep")
    assert (report.made_by, entry.actor_label, entry.changes) == ("rob", "rob", {"sha256": ["", report.sha256]})
