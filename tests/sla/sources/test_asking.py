"""From when a target asks on, its threshold and its tag are counted exactly, and nothing is where nobody asks."""

from datetime import timedelta
from typing import Any

import pytest

from sla.measuring import measure_for
from sla.minutes.packing import Minute
from sla.minutes.values import UNIT
from sla.models import Measure
from sla.sources import asking, definition_faults
from tests.performance.traces.items import END, ROOT, TRACE, digest, make_container, make_item, make_streamed
from tests.projects.builders import make_project
from tests.sla.sources.reading import NOW, minutes
from tradewatch.performance.models import PerformanceSettings, TaggedMinute
from tradewatch.performance.traces.retention import delete_old
from tradewatch.performance.traces.tagged import LONGEST, MOST_TAGS, tags_of
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db

MINUTE = int(END) // 60 * 60
AROUND = (MINUTE - 3600, MINUTE + 60)
NYSE = {"key": "venue", "value": "XNYS"}


@pytest.fixture
def project() -> Project:
    return make_project()


def test_a_threshold_is_counted_from_when_it_is_asked_for(project: Project) -> None:
    digest(project, make_item(1, seconds=0.4), make_item(2, seconds=0.6, end=END - 60))
    measure = measure_for(project, "", "latency", {"threshold_seconds": 0.5}, now=NOW)
    digest(project, make_item(3, seconds=0.5001), make_item(4, seconds=0.499, end=END - 120))
    found = minutes(project, "latency", *AROUND, threshold_seconds=0.5)
    assert found == {
        MINUTE - 120: Minute(UNIT, 0, 1, 0),
        MINUTE - 60: Minute(UNIT, UNIT, 1, 1, True),
        MINUTE: Minute(2 * UNIT, 0, 2, 0, True),  # half of it came before: ±1%, and said
    }
    assert measure.exact_from == NOW + timedelta(minutes=1)


def test_what_targets_ask_for_stands_beside_the_eight_of_people(project: Project) -> None:
    own = [0.001 * number for number in range(1, 9)]
    PerformanceSettings.objects.create(project=project, latency_thresholds=own)
    for seconds in (0.3, 0.7):
        measure_for(project, "", "percentile", {"threshold_seconds": seconds, "quantile": 0.95}, now=NOW)
    digest(project, make_item(1, seconds=0.5))
    for seconds, bad in ((0.3, 1), (0.7, 0), (0.001, 1)):
        found = minutes(project, "latency", *AROUND, threshold_seconds=seconds)
        assert found == {MINUTE: Minute(UNIT, bad * UNIT, 1, bad)}


def test_one_that_nobody_asks_for_any_more_is_not_counted(project: Project) -> None:
    measure_for(project, "", "latency", {"threshold_seconds": 0.5}, now=NOW)
    Measure.objects.update(created_at=NOW - timedelta(days=2))
    assert asking.wanted_by([project.pk], NOW) == {}


def test_past_the_bound_thresholds_are_read_from_histograms(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_THRESHOLDS", 1)
    for seconds in (0.3, 0.7):
        measure_for(project, "", "latency", {"threshold_seconds": seconds}, now=NOW)
    digest(project, make_item(1, seconds=0.5))
    assert not minutes(project, "latency", *AROUND, threshold_seconds=0.3)[MINUTE].is_approximate
    assert minutes(project, "latency", *AROUND, threshold_seconds=0.7)[MINUTE].is_approximate


@pytest.mark.parametrize("tags", [{"venue": "XNYS", "desk": 7}, [["desk", "7"], ["venue", "XNYS"], ["odd"], 5]])
def test_transactions_with_a_tag_are_counted_by_themselves(project: Project, tags: Any) -> None:
    digest(project, make_item(1, tags=tags))
    for definition in ({"tag": NYSE}, {"tag": NYSE, "transaction": "POST /orders"}):
        measure_for(project, "", "availability", definition, now=NOW)
    measure_for(project, "", "latency", {"tag": {"key": "desk", "value": "7"}, "threshold_seconds": 0.5}, now=NOW)
    digest(
        project,
        make_item(2, tags=tags, status="internal_error", seconds=0.6),
        make_item(3, tags=tags, name="POST /orders", release="2.0.1"),
        make_item(4, tags={"venue": "XLON"}),
        make_item(5, tags=tags, environment="staging"),
        make_item(6),
    )
    digest(project, make_item(2, tags=tags))  # again
    assert minutes(project, "availability", *AROUND, tag=NYSE) == {MINUTE: Minute(3 * UNIT, UNIT, 3, 1)}
    assert minutes(project, "availability", *AROUND, "production", tag=NYSE) == {MINUTE: Minute(2 * UNIT, UNIT, 2, 1)}
    named = minutes(project, "availability", *AROUND, tag=NYSE, transaction="POST /orders")
    assert named == {MINUTE: Minute(UNIT, 0, 1, 0)}
    tag = {"key": "desk", "value": "7"}
    assert minutes(project, "latency", *AROUND, tag=tag, threshold_seconds=0.5) == {
        MINUTE: Minute(3 * UNIT, UNIT, 3, 1)
    }
    assert set(TaggedMinute.objects.values_list("tag_value", flat=True)) == {"XNYS", "7"}
    assert minutes(project, "availability", *AROUND)[MINUTE].received == 6  # all together are still all


def test_streamed_spans_carry_tags_as_attributes(project: Project) -> None:
    measure_for(project, "", "availability", {"tag": NYSE}, now=NOW)
    container = make_container(make_streamed(0, venue="XNYS"), make_streamed(1, venue="XLON"))
    digest(project, container, trace={"sample_rate": "0.5", "trace_id": TRACE})
    assert minutes(project, "availability", *AROUND, tag=NYSE) == {MINUTE: Minute(2 * UNIT, 0, 1, 0)}
    assert ROOT  # the segment itself is the transaction


def test_nothing_is_written_where_nobody_asks(project: Project) -> None:
    digest(project, make_item(1, tags={"venue": "XNYS"}))
    assert not TaggedMinute.objects.exists()


def test_tags_past_the_bound_are_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_TAGS", 1)
    assert definition_faults("availability", {"tag": NYSE}, project) == {}
    measure_for(project, "", "availability", {"tag": NYSE}, now=NOW)
    assert definition_faults("availability", {"tag": NYSE}, project) == {}
    other = {"tag": {"key": "venue", "value": "XLON"}}
    assert definition_faults("availability", other, project) == {"tag": ["at most 1 are counted in a project"]}
    assert definition_faults("availability", other, make_project(slug="other")) == {}


@pytest.mark.parametrize(
    "tag", [{}, {"key": "a"}, {"key": "a", "value": ""}, {"key": "a", "value": 5}, "a=b", ["a", "b"]]
)
def test_what_is_no_tag_says_what_is_expected(project: Project, tag: Any) -> None:
    faults = definition_faults("availability", {"tag": tag}, project)
    assert faults == {} if tag == {} else '{"key": ..., "value": ...}' in faults["tag"][0]


def test_odd_tags_are_left_out_and_long_ones_cut() -> None:
    assert tags_of("odd") == tags_of(None) == tags_of([["a"], [5, "x"], ["b", None], ["c", {}]]) == {}
    assert tags_of({"a" * 300: "b" * 300}) == {"a" * LONGEST: "b" * LONGEST}
    assert tags_of([("flag", True), ("size", 2.0)]) == {"flag": "true", "size": "2"}
    assert len(tags_of({str(number): "x" for number in range(500)})) == MOST_TAGS


def test_tagged_minutes_go_at_the_age_of_minutes(project: Project) -> None:
    measure_for(project, "", "availability", {"tag": NYSE}, now=NOW)
    digest(project, make_item(1, tags={"venue": "XNYS"}))
    delete_old(NOW + timedelta(days=29))
    assert TaggedMinute.objects.exists()
    delete_old(NOW + timedelta(days=31))
    assert not TaggedMinute.objects.exists()
