from datetime import timedelta

import pytest

from sla.minutes.values import UNIT, Sums
from tests.performance.traces.builders import make_row
from tests.projects.builders import make_project
from tests.releases.builders import NOW
from tests.sla.figures.stored import make_target, measure_of, store
from tradewatch.dashboard.releases.budgets import spent_by_release
from tradewatch.performance.traces.counting import add_transactions

pytestmark = pytest.mark.django_db
MINUTE = int(NOW.timestamp()) // 60 * 60


def fail(number: int, release: str, **fields: str) -> None:
    """Let requests of a release fail in the minute of `NOW`."""
    place = {"project_id": make_project().pk, "release": release, **fields}
    add_transactions([make_row(MINUTE + 5.0, is_failed=True, **place) for _ in range(number)], now=NOW)


def test_each_release_says_the_target_that_it_cost_most() -> None:
    wide, narrow = make_target("availability"), make_target("order_availability", environment="production")
    elsewhere = make_target("staging_availability", environment="staging")
    for target, valid in ((wide, 10_000), (narrow, 1_000), (elsewhere, 100)):
        store(measure_of(target), {MINUTE: Sums(valid * UNIT, 5 * UNIT, valid, 5, 1)})
    fail(3, "api@2.0.1")
    fail(2, "api@2.0.0")
    found = spent_by_release(make_project().pk, "production", now=NOW + timedelta(minutes=5))
    assert {version: (each.points, each.target) for version, each in found.items()} == {
        "api@2.0.1": ("30 points", "order_availability"),  # 3 of the 10 that 1,000 at 99% may lose
        "api@2.0.0": ("20 points", "order_availability"),
    }
    assert found["api@2.0.1"].href == f"/sla/{narrow.pk}"


def test_without_anything_bad_nothing_was_spent() -> None:
    target = make_target("availability")
    store(measure_of(target), {MINUTE: Sums(1_000 * UNIT, 0, 1_000, 0, 1)})
    assert spent_by_release(make_project().pk, "", now=NOW + timedelta(minutes=5)) == {}
