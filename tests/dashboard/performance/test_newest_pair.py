"""Which two releases a page compares when nobody says."""

import pytest

from tradewatch.dashboard.performance.reading import BEFORE, Against, newest_pair

API2, API1, API0 = "api@2.0.1", "api@2.0.0", "api@1.9.0"
VENUE, WORKER1, WORKER0 = "venue@1.0.0", "worker@7", "worker@6"


@pytest.mark.parametrize(
    ("known", "now", "lately", "expected"),
    [
        ([], [], [], BEFORE),
        ([API2], [API2], [API2], BEFORE),
        ([API2, API1], [API2, API1], [API2, API1], Against(API2, API1)),
        ([API2, API1], [API1], [API1], BEFORE),  # the newest runs no more
        ([API2, API1, API0], [API2], [API2, API0], Against(API2, API0)),  # the one between did not run lately
        ([API2, VENUE, API1], [API2, VENUE], [API2, VENUE, API1], Against(API2, API1)),  # not the venue's
        ([VENUE, API2, API1], [VENUE, API2], [VENUE, API2, API1], Against(API2, API1)),  # the newest stands alone
        ([VENUE, API1], [VENUE, API1], [VENUE, API1], BEFORE),
        ([WORKER1, API2, WORKER0, API1], [WORKER1, API2], [WORKER1, WORKER0, API1], Against(WORKER1, WORKER0)),
        (["2.0.1", "2.0.0"], ["2.0.1"], ["2.0.1", "2.0.0"], Against("2.0.1", "2.0.0")),
    ],
)
def test_the_newest_release_with_the_one_before_it_of_its_package(
    known: list[str], now: list[str], lately: list[str], expected: Against
) -> None:
    assert newest_pair(known, set(now), set(lately)) == expected
