"""Findings over many kept traces: counted once each, said to alerts when they are new."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.choices import RuleKind
from alerts.models import Alert, AlertRule, OccurrenceRecord
from alerts.services.judging import judge_occurrences
from tests.performance.traces.kept import TRACE, child, keep, transaction
from tests.performance.traces.trees import T0
from tests.projects.builders import make_project
from tradewatch.performance.models import KeptTransaction, PerformanceSettings, TraceFinding
from tradewatch.performance.traces import examining
from tradewatch.performance.traces.choices import FindingKind
from tradewatch.performance.traces.examining import examine_kept
from tradewatch.performance.traces.finding_queries import found_in_traces, known_findings
from tradewatch.performance.traces.retention import FINDINGS_KEPT, delete_old
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
NOW = datetime.fromtimestamp(T0, UTC) + timedelta(minutes=1)


def loop(project: Project, *, milliseconds: float = 7, start: float = 0, trace_id: str = TRACE, **fields: Any) -> None:
    queries = [
        child(f"q{n}", "a", start + n * 8, start + n * 8 + milliseconds, description=f"SELECT bid FROM q WHERE v = {n}")
        for n in range(5)
    ]
    document = transaction("a", "", start, start + 84, *queries, transaction="GET /quotes", release="quotes@3.4.0")
    keep(document, project, trace_id=trace_id, release="quotes@3.4.0", **fields)


def test_a_finding_is_counted_over_all_kept_traces_with_the_costliest_as_its_example() -> None:
    project = make_project()
    loop(project, trace_id="1" * 32, is_failed=True)
    loop(project, milliseconds=7.5, start=1000, trace_id="2" * 32)
    loop(project, milliseconds=5, start=500, trace_id="3" * 32)
    assert examine_kept(now=NOW) == 3
    [row] = TraceFinding.objects.all()
    assert (row.kind, row.transaction, row.pattern) == ("n_plus_one", "GET /quotes", "SELECT bid FROM q WHERE v = ?")
    assert (row.count, row.failed_count, row.span_count, row.environment) == (3, 1, 15, "production")
    assert (round(row.seconds, 4), round(row.cost_seconds, 4)) == (0.0975, 0.078)
    assert (row.example_trace_id, row.example_count, round(row.example_cost_seconds, 3)) == ("2" * 32, 5, 0.03)
    assert (row.first_seen_at, row.last_seen_at) == (
        datetime.fromtimestamp(T0, UTC), datetime.fromtimestamp(T0 + 1, UTC),
    )  # fmt: skip
    assert (row.first_release, row.last_release, row.service) == ("quotes@3.4.0", "quotes@3.4.0", "quotes")


def test_nothing_is_looked_at_or_counted_twice() -> None:
    loop(make_project())
    examine_kept(now=NOW)
    assert examine_kept(now=NOW) == 0
    assert TraceFinding.objects.get().count == 1
    assert not KeptTransaction.objects.filter(is_examined=False).exists()


def test_what_another_run_has_taken_meanwhile_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    loop(make_project())
    claim = examining._claim

    def taken_first(keys: Any) -> set[int]:
        KeptTransaction.objects.update(is_examined=True)
        return claim(keys)

    monkeypatch.setattr(examining, "_claim", taken_first)
    examine_kept(now=NOW)
    assert not TraceFinding.objects.exists()


def test_more_than_a_step_is_looked_through_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "ROWS_A_STEP", 2)
    project = make_project()
    for _ in range(5):
        loop(project)
    assert examine_kept(now=NOW) == 5
    assert TraceFinding.objects.get().count == 5


def test_two_loops_of_one_transaction_count_it_once_and_environments_are_apart() -> None:
    project = make_project()
    spans = [child(f"{p}{n}", p, n * 8, n * 8 + 7, description="SELECT 1") for p in ("x", "y") for n in range(5)]
    keep(
        transaction("a", "", 0, 84, child("x", "a", 0, 40, "function"), child("y", "a", 0, 40, "function"), *spans),
        project,
    )
    keep(transaction("a", "", 0, 84, *spans[:5]), project, environment="staging")
    examine_kept(now=NOW)
    assert [(row.environment, row.count) for row in TraceFinding.objects.order_by("environment")] == [
        ("production", 1), ("staging", 1),
    ]  # fmt: skip


def test_a_project_has_room_for_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "MOST_FINDINGS", 2)
    for slug in ("default", "other"):
        project = make_project(slug)
        slow = [child(f"q{n}", "a", 0, 600, description=f"SELECT * FROM {table}") for n, table in enumerate("abc")]
        keep(transaction("a", "", 0, 700, *slow), project)
    examine_kept(now=NOW)
    assert [TraceFinding.objects.filter(project__slug=slug).count() for slug in ("default", "other")] == [2, 2]
    loop(make_project("default"))
    examine_kept(now=NOW)
    assert TraceFinding.objects.filter(project__slug="default").count() == 2


# --- what alerts hear -------------------------------------------------------------------------------------------------
def test_a_new_finding_is_told_once_and_pages_nobody() -> None:
    project = make_project()
    loop(project)
    examine_kept(now=NOW)
    [news] = OccurrenceRecord.objects.all()
    assert (news.kind, news.severity, news.category) == ("trace.n_plus_one", "warning", "performance")
    assert (news.title, news.link) == ("N+1 in GET /quotes: SELECT bid FROM q WHERE v = ?", f"/traces/{TRACE}")
    assert news.tags == {"transaction": "GET /quotes", "service": "quotes", "release": "quotes@3.4.0"}
    loop(project, start=2000)
    examine_kept(now=NOW)
    assert OccurrenceRecord.objects.count() == 1
    judge_occurrences(NOW)
    assert not Alert.objects.exists()


def test_a_rule_of_ones_own_makes_an_alert_of_it() -> None:
    AlertRule.objects.create(kind=RuleKind.TRACE_FINDING, name="Found in traces")
    loop(make_project())
    examine_kept(now=NOW)
    judge_occurrences(NOW)
    alert = Alert.objects.get()
    assert (alert.severity, alert.category, alert.link) == ("warning", "performance", f"/traces/{TRACE}")
    assert "28 ms" in OccurrenceRecord.objects.get().message


# --- reading ---------------------------------------------------------------------------------------------------------
def test_findings_are_read_by_what_they_cost_and_what_is_asked() -> None:
    project, other = make_project(), make_project("other")
    loop(project)
    slow = child("s", "a", 0, 600, description="SELECT * FROM book")
    keep(transaction("a", "", 0, 700, slow, transaction="GET /book"), project, environment="staging")
    loop(other)
    examine_kept(now=NOW)
    start = NOW - timedelta(hours=1)

    def read(**asked: Any) -> list[str]:
        return [f"{row.kind} {row.project.slug}" for row in found_in_traces([project.pk], since=start, **asked)]

    assert read() == ["slow_query default", "n_plus_one default"]
    assert read(environment="staging") == ["slow_query default"]
    assert read(transaction="GET /quotes") == ["n_plus_one default"]
    assert read(kind=FindingKind.SLOW_QUERY) == ["slow_query default"]
    assert not found_in_traces([project.pk], since=NOW)
    known = known_findings([project.pk], ["SELECT bid FROM q WHERE v = ?"])
    assert list(known) == [(project.pk, "GET /quotes", "n_plus_one", "SELECT bid FROM q WHERE v = ?")]


def test_what_was_not_met_for_long_is_forgotten() -> None:
    loop(make_project())
    examine_kept(now=NOW)
    TraceFinding.objects.update(last_seen_at=NOW - FINDINGS_KEPT + timedelta(minutes=1))
    delete_old(NOW)
    assert TraceFinding.objects.exists()
    delete_old(NOW + timedelta(minutes=2))
    assert not TraceFinding.objects.exists()


def test_each_project_is_looked_through_with_its_own_limits() -> None:
    PerformanceSettings.objects.create(project=make_project(), n_plus_one_queries=6)
    PerformanceSettings.objects.create(project=make_project("lenient"), n_plus_one_seconds=0.034)
    for number, slug in enumerate(("default", "lenient", "usual")):
        loop(make_project(slug), trace_id=str(number) * 32)
    assert examine_kept(now=NOW) == 3
    assert sorted(TraceFinding.objects.values_list("project__slug", flat=True)) == ["lenient", "usual"]
