from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.errors.states import Resolution, Silence, is_regression, silence_ended
from tradewatch.projects.releases import ReleaseOrder, order_key

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def release(version: str, *, first_seen_at: datetime = NOON) -> ReleaseOrder:
    return ReleaseOrder(version, order_key(version), first_seen_at)


AT_ONCE = Resolution(NOON)
IN_RELEASE = Resolution(NOON, release("oms@4.12.0"))
IN_NEXT = Resolution(NOON, release("oms@4.12.0"), in_next_release=True)
IN_THE_FIRST_ONE = Resolution(NOON, None, in_next_release=True)
HASH = Resolution(NOON, release("9d0e77c"))


@pytest.mark.parametrize(
    ("resolution", "version", "regresses"),
    [
        (AT_ONCE, "oms@1.0.0", True),
        (AT_ONCE, None, True),
        (IN_RELEASE, "oms@4.11.9", False),  # the fault is still in old releases: known
        (IN_RELEASE, "oms@4.12.0-rc1", False),
        (IN_RELEASE, "oms@4.12.0", True),
        (IN_RELEASE, "oms@4.12.1", True),
        (IN_RELEASE, None, True),
        (IN_NEXT, "oms@4.12.0", False),
        (IN_NEXT, "oms@4.11.0", False),
        (IN_NEXT, "oms@4.13.0-rc1", True),
        (HASH, "9d0e77c", True),
    ],
)
def test_regression_by_release(resolution: Resolution, version: str | None, regresses: bool) -> None:
    order = release(version) if version else None
    assert is_regression(resolution, received_at=NOON + HOUR, release=order) is regresses


@pytest.mark.parametrize(("seen_after", "regresses"), [(HOUR, True), (-HOUR, False)])
def test_without_semver_the_release_seen_later_comes_later(seen_after: timedelta, regresses: bool) -> None:
    other = release("4f1c2ab", first_seen_at=NOON + seen_after)
    assert is_regression(HASH, received_at=NOON + 2 * HOUR, release=other) is regresses


@pytest.mark.parametrize(("seen_after", "regresses"), [(HOUR, True), (-HOUR, False)])
def test_next_release_of_a_project_that_had_none(seen_after: timedelta, regresses: bool) -> None:
    first = release("1.0.0", first_seen_at=NOON + seen_after)
    assert is_regression(IN_THE_FIRST_ONE, received_at=NOON + 2 * HOUR, release=first) is regresses


@pytest.mark.parametrize("resolution", [AT_ONCE, IN_RELEASE, IN_NEXT])
def test_what_was_on_its_way_when_the_issue_was_resolved_is_no_regression(resolution: Resolution) -> None:
    assert not is_regression(resolution, received_at=NOON, release=release("oms@9.0.0"))


@pytest.mark.parametrize(
    ("silence", "why"),
    [
        (Silence(), ""),
        (Silence(until=NOON + HOUR), ""),
        (Silence(until=NOON), "was ignored until 2026-11-23 12:00 UTC"),
        (Silence(until_events=101), ""),
        (Silence(until_events=100), "was ignored until 100 events"),
        (Silence(until_users=11), ""),
        (Silence(until_users=10), "was ignored until 10 users"),
        (Silence(until=NOON + HOUR, until_users=10), "was ignored until 10 users"),  # whichever comes first
    ],
)
def test_end_of_silence(silence: Silence, why: str) -> None:
    assert silence_ended(silence, now=NOON, events=100, users=10) == why
