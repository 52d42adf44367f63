import orjson
import pytest

from tests.inbox.builders import make_arrival
from tests.performance.traces.items import END, NOW, ROOT, TRACE, digest, make_container, make_item, make_streamed
from tradewatch.errors.digest import ErrorHandler
from tradewatch.inbox.envelope import Item
from tradewatch.performance.models import KeptTransaction, KeptTransactionPayload, TraceHour
from tradewatch.performance.traces import kept_queries, queries
from tradewatch.projects.models import Project

HOUR = int(END) // 3600
AROUND = (HOUR * 3600, HOUR * 3600 + 3600)


@pytest.fixture
def project(db, settings):
    settings.TRACES_AN_HOUR = 40
    return Project.objects.create(name="Desk", slug="desk-55")


def seconds_of(number: int) -> float:
    return 0.05 + (number * 37 % 100) / 1000


def flood(project, count=300, *, first=100, step=25, **fields):
    for start in range(first, first + count, step):
        digest(
            project,
            *(make_item(number, seconds=seconds_of(number), **fields) for number in range(start, start + step)),
        )


def reasons() -> dict[str, int]:
    kept: dict[str, int] = {}
    for why in KeptTransaction.objects.values_list("kept_for", flat=True):
        kept[why] = kept.get(why, 0) + 1
    return kept


def test_the_budget_of_an_hour_holds_and_the_figures_count_all(project):
    flood(project)
    assert 20 <= KeptTransaction.objects.count() <= 40
    assert KeptTransactionPayload.objects.count() == KeptTransaction.objects.count()
    assert queries.overall([project.pk], *AROUND).count == 300
    hour = TraceHour.objects.get()
    assert (hour.hour, hour.seen, hour.kept) == (HOUR, 300, KeptTransaction.objects.count())
    share = kept_queries.kept_share([project.pk], *AROUND)
    assert (share.seen, share.kept) == (300, hour.kept)


def test_what_is_telling_is_kept_in_a_flood_and_says_why(project):
    flood(project)
    digest(project, make_item(1, status="internal_error"))
    digest(project, make_item(2, seconds=30.0))
    digest(project, make_item(3, name="DELETE /orders"))
    digest(project, make_item(4, release="2.0.1"))
    flood(project, first=1000)
    kept = {row.event_id.int: row.kept_for for row in KeptTransaction.objects.all()}
    assert (kept[1], kept[2], kept[3], kept[4]) == ("failed", "slow", "new", "new")
    assert reasons()["sample"] >= 5


def test_the_slowest_are_those_that_are_kept(project):
    flood(project)
    slowest = max(seconds_of(number) for number in range(100, 400))
    assert KeptTransaction.objects.filter(seconds__gte=slowest - 1e-6).exists()


def test_an_error_in_the_trace_keeps_it(project):
    flood(project)
    event = {"message": "stale quote", "contexts": {"trace": {"trace_id": TRACE, "span_id": ROOT}}}
    handler = ErrorHandler()
    handler.store([handler.prepare(Item("event", {}, orjson.dumps(event)), make_arrival(project))], now=NOW)
    digest(project, make_item(1, trace_id=TRACE))
    flood(project, first=1000)
    row = KeptTransaction.objects.get(trace_id=TRACE)
    assert (row.kept_for, row.has_error) == ("error", True)


def test_the_other_parts_of_a_telling_trace_are_kept_in_other_projects_too(project):
    other = Project.objects.create(name="Venue", slug="venue-55")
    flood(project)
    flood(other)
    digest(other, make_item(1, trace_id=TRACE, status="internal_error"))
    digest(project, make_item(2, trace_id=TRACE))
    row = KeptTransaction.objects.get(project=project, trace_id=TRACE)
    assert (row.kept_for, row.is_linked) == ("linked", True)
    both = kept_queries.transactions_of_trace([project.pk, other.pk], TRACE)
    assert [part.project.slug for part in both] == ["venue-55", "desk-55"] or len(both) == 2
    assert len(kept_queries.transactions_of_trace([project.pk], TRACE)) == 1


def test_each_project_and_hour_has_a_budget_of_its_own(project):
    flood(project, 100)
    flood(project, 100, first=500, end=END - 3600)
    flood(Project.objects.create(name="Venue", slug="venue-55"), 100)
    kept = TraceHour.objects.values_list("kept", flat=True)
    assert len(kept) == 3
    assert all(20 <= each <= 40 for each in kept)


def test_streamed_parts_are_kept_with_their_trace_and_without_a_duration_of_their_own(project):
    digest(project, make_container(make_streamed(1), make_streamed(2)))
    digest(project, make_container(make_streamed(0, status="error"), make_streamed(3)))
    spans, segment = sorted(KeptTransaction.objects.all(), key=lambda row: row.form, reverse=True)
    assert (spans.form, spans.seconds, spans.kept_for, spans.span_id) == ("spans", None, "sample", "")
    assert (segment.form, segment.kept_for, segment.span_id) == ("segment", "new", ROOT)


def test_no_budget_keeps_nothing_and_counts_everything(project, settings):
    settings.TRACES_AN_HOUR = 0
    flood(project, 50)
    assert not KeptTransaction.objects.exists()
    assert queries.overall([project.pk], *AROUND).count == 50
    assert TraceHour.objects.get().seen == 50
