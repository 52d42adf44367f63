"""Minutes of transactions against what was sent, counted by hand."""

import random
from typing import Any

import pytest

from sla.minutes.packing import Minute
from sla.minutes.values import UNIT
from tests.performance.test_sessions import aggregates
from tests.performance.test_sessions import digest as digest_sessions
from tests.performance.traces.items import END, TRACE, digest, make_item
from tests.projects.builders import make_project
from tests.sla.sources.reading import counted, minutes
from tradewatch.metrics.histogram import bin_of, value_of
from tradewatch.performance.models import PerformanceSettings
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db

MINUTE = int(END) // 60 * 60
AROUND = (MINUTE - 3600, MINUTE + 60)


@pytest.fixture
def project() -> Project:
    return make_project()


def test_failures_are_counted_by_the_minute_and_place(project: Project) -> None:
    sent = _random_traffic(200)
    digest(project, *(make_item(number, **fields) for number, fields in enumerate(sent)))
    for indicator in ("availability", "error_rate"):
        assert minutes(project, indicator, *AROUND) == _by_hand(sent)
        assert minutes(project, indicator, *AROUND, "staging") == _by_hand(sent, environment="staging")
        named = minutes(project, indicator, *AROUND, "production", transaction="POST /orders")
        assert named == _by_hand(sent, environment="production", name="POST /orders")


def test_a_second_delivery_counts_nothing_twice(project: Project) -> None:
    items = [make_item(number, status="internal_error") for number in range(3)]
    digest(project, *items)
    before = minutes(project, "availability", *AROUND)
    digest(project, *items, *items)
    assert minutes(project, "availability", *AROUND) == before == {MINUTE: Minute(3 * UNIT, 3 * UNIT, 3, 3)}


def test_each_stands_for_as_many_as_its_sample_rate_says(project: Project) -> None:
    digest(
        project, make_item(1), make_item(2, status="internal_error"), trace={"sample_rate": "0.3", "trace_id": TRACE}
    )
    digest(project, make_item(3))
    assert minutes(project, "error_rate", *AROUND) == {MINUTE: Minute(7_666_667, 3_333_333, 3, 1)}
    assert minutes(project, "latency", *AROUND, threshold_seconds=9) == {
        MINUTE: Minute(7_666_667, 0, 3, 0, True)  # the threshold was not counted: read from the histogram
    }


def test_only_the_minutes_asked_for_are_read(project: Project) -> None:
    digest(project, make_item(1), make_item(2, end=END - 60), make_item(3, end=END - 120))
    assert minutes(project, "availability", MINUTE - 60, MINUTE).keys() == {MINUTE - 60}


@pytest.mark.parametrize("indicator", ["latency", "percentile"])
def test_a_counted_threshold_is_exact_to_the_request(project: Project, indicator: str) -> None:
    PerformanceSettings.objects.create(project=project, latency_thresholds=[0.5])
    lengths = [0.2, 0.5, 0.5004, 0.501, 2.0]
    digest(project, *(make_item(number, seconds=each) for number, each in enumerate(lengths)))
    found = counted(project, indicator, *AROUND, threshold_seconds=0.5)
    sent = [float(END) - (END - each) for each in lengths]  # what is left of them after the client's arithmetic
    bad = sum(each * 1000 > 500 for each in sent)
    assert found.minutes == {MINUTE: Minute(5 * UNIT, bad * UNIT, 5, bad)}
    assert sum(found.bins[MINUTE].values()) == 5


def test_what_came_before_the_threshold_is_read_from_histograms_and_said(project: Project) -> None:
    digest(project, *(make_item(number, seconds=each) for number, each in enumerate([0.1, 0.4, 0.6, 3.0])))
    PerformanceSettings.objects.create(project=project, latency_thresholds=[0.5])
    digest(project, make_item(9, seconds=0.6, end=END - 60), make_item(8, seconds=0.6, release="2.0.1"))
    found = minutes(project, "latency", *AROUND, threshold_seconds=0.5)
    assert found == {
        MINUTE - 60: Minute(UNIT, UNIT, 1, 1),
        MINUTE: Minute(5 * UNIT, 3 * UNIT, 5, 3, True),  # one of its releases was counted exactly, one was not
    }


def test_bins_are_those_of_all_durations(project: Project) -> None:
    lengths = [0.1, 0.1, 0.7]
    digest(project, *(make_item(number, seconds=each) for number, each in enumerate(lengths)))
    bins = counted(project, "percentile", *AROUND, threshold_seconds=0.5).bins[MINUTE]
    assert sum(bins.values()) == 3
    assert value_of(max(bins)) == pytest.approx(0.7, rel=0.011)
    assert all(abs(index - bin_of(0.1)) <= 1 or abs(index - bin_of(0.7)) <= 1 for index in bins)


def test_transactions_that_were_not_measured_have_no_latency(project: Project) -> None:
    digest(project, make_item(1, start_timestamp=None))
    assert minutes(project, "latency", *AROUND, threshold_seconds=0.5) == {}
    assert minutes(project, "availability", *AROUND) == {MINUTE: Minute(UNIT, 0, 1, 0)}


def test_a_minute_without_transactions_is_read_from_sessions(project: Project) -> None:
    started = "2026-11-23T11:58:10Z"
    digest_sessions(project, aggregates({"started": started, "exited": 7, "errored": 2, "crashed": 1}))
    quiet = int(END) // 60 * 60 - 60
    assert minutes(project, "error_rate", *AROUND) == {quiet: Minute(10 * UNIT, 3 * UNIT, 10, 3)}
    assert minutes(project, "error_rate", *AROUND, "staging") == {}
    assert minutes(project, "availability", *AROUND, transaction="GET /orders") == {}
    digest(project, make_item(1, end=END - 60), make_item(2))
    expected = {quiet: Minute(UNIT, 0, 1, 0), MINUTE: Minute(UNIT, 0, 1, 0)}
    assert minutes(project, "availability", *AROUND) == expected


def test_another_project_is_not_counted(project: Project) -> None:
    digest(make_project(slug="other"), make_item(1))
    assert minutes(project, "availability", *AROUND) == {}


def _random_traffic(number: int) -> list[dict[str, Any]]:
    chosen = random.Random(7)
    return [
        {
            "name": chosen.choice(["GET /orders", "POST /orders", "GET /quotes"]),
            "environment": chosen.choice(["production", "production", "staging"]),
            "release": chosen.choice(["2.0.0", "2.0.1"]),
            "status": chosen.choice(["ok", "ok", "ok", "internal_error"]),
            "end": END - chosen.randrange(0, 600),
        }
        for _ in range(number)
    ]


def _by_hand(sent: list[dict[str, Any]], **wanted: str) -> dict[int, Minute]:
    found: dict[int, Minute] = {}
    for each in sent:
        if all(each[name] == value for name, value in wanted.items()):
            at, bad = int(each["end"]) // 60 * 60, int(each["status"] != "ok")
            known = found.get(at, Minute(0, 0, 0, 0))
            found[at] = Minute(known[0] + UNIT, known[1] + bad * UNIT, known[2] + 1, known[3] + bad)
    return found
