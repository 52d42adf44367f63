from datetime import timedelta

import pytest

from tests.performance.traces.items import END, NOW, digest, make_child, make_item
from tradewatch.performance.models import (
    KeptTransaction,
    KeptTransactionPayload,
    SeenTransaction,
    SpanBucket,
    SpanGroup,
    TraceHour,
    TransactionBucket,
    TransactionGroup,
)
from tradewatch.performance.traces import retention
from tradewatch.projects.models import Project

BUCKETS = (TransactionBucket, SpanBucket)


@pytest.fixture
def project(db):
    project = Project.objects.create(name="Desk", slug="desk-66")
    digest(project, *(make_item(number, spans=[make_child()]) for number in range(3)))
    return project


def resolutions(model) -> set[int]:
    return set(model.objects.values_list("resolution", flat=True))


def after(days: float) -> None:
    retention.delete_old(NOW + timedelta(days=days))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("days", "raw", "seen", "transactions", "spans"),
    [
        (0, 3, 3, {60, 3600, 86_400}, {60, 3600, 86_400}),
        (2.9, 3, 3, {60, 3600, 86_400}, {60, 3600, 86_400}),
        (3.1, 3, 0, {60, 3600, 86_400}, {60, 3600, 86_400}),
        (7.1, 3, 0, {60, 3600, 86_400}, {3600, 86_400}),
        (29.9, 3, 0, {60, 3600, 86_400}, {3600, 86_400}),
        (30.1, 0, 0, {3600, 86_400}, {3600, 86_400}),
        (399.9, 0, 0, {3600, 86_400}, {3600, 86_400}),
        (400.1, 0, 0, {86_400}, {86_400}),
        (1099.9, 0, 0, {86_400}, {86_400}),
        (1101.1, 0, 0, set(), set()),
    ],
)
def test_each_kind_lives_its_own_time(days, raw, seen, transactions, spans):
    after(days)
    assert (KeptTransaction.objects.count(), KeptTransactionPayload.objects.count()) == (raw, raw)
    assert SeenTransaction.objects.count() == seen
    assert (resolutions(TransactionBucket), resolutions(SpanBucket)) == (transactions, spans)


@pytest.mark.usefixtures("project")
def test_groups_go_after_their_last_bucket_and_never_before():
    for days in (1099, 1100.5, 1101.5, 1102):
        after(days)
        if TransactionBucket.objects.exists():
            assert TransactionGroup.objects.exists()
    after(1104)
    assert not TransactionGroup.objects.exists()
    assert not SpanGroup.objects.exists()
    assert not TraceHour.objects.exists()


@pytest.mark.usefixtures("project")
def test_a_shorter_retention_is_heeded_at_once(settings):
    settings.TRACE_RETENTION = timedelta(days=1)
    settings.METRIC_RETENTION = settings.METRIC_DAY_RETENTION = timedelta(days=2)
    after(1.1)
    assert not KeptTransaction.objects.exists()
    assert TransactionBucket.objects.filter(resolution=60).exists()
    after(2.1)
    assert resolutions(TransactionBucket) == {86_400}


def test_each_project_keeps_its_transactions_for_its_own_days(project):
    short = Project.objects.create(name="short", slug="short", trace_days=2)
    for each in (project, short):
        digest(each, *(make_item(number + each.pk * 10, end=END - 3 * 86_400) for number in (1, 2)))
    retention.delete_old(NOW)
    assert set(KeptTransaction.objects.values_list("project__slug", flat=True)) == {project.slug}


def test_what_is_younger_stays_and_steps_are_small(project, monkeypatch):
    monkeypatch.setattr(retention, "TRANSACTIONS_A_STEP", 2)
    monkeypatch.setattr(retention, "ROWS_A_STEP", 2)
    digest(project, *(make_item(number, end=END - 40 * 86_400) for number in range(10, 15)))
    assert retention.delete_old(NOW) == 5
    assert KeptTransaction.objects.count() == 3


def test_a_transaction_of_a_group_that_was_deleted_makes_it_anew(project):
    after(1104)
    digest(project, make_item(99))
    assert TransactionGroup.objects.filter(name="GET /orders").count() == 1
