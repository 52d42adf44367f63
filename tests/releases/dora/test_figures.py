from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.dora.figures import Committed, Ended, Incident, dora, incident_of, lead_times
from tradewatch.core.windows import Window

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WINDOW = Window(START, START + 14 * DAY)
STATES = ("succeeded", "failed", "rolled_back")


def test_without_anything_every_number_is_null() -> None:
    found = dora(WINDOW, [], [], [], since=None)
    assert (found.per_week, found.change_fail_rate, found.lead_seconds, found.restore_seconds) == (None,) * 4
    assert (found.deployments, found.commits, found.incidents) == (0, 0, 0)


def test_a_window_without_deployments_is_none_a_week_once_there_were_any() -> None:
    found = dora(WINDOW, [], [], [], since=START - DAY)
    assert (found.per_week, found.change_fail_rate) == (0.0, None)
    assert dora(WINDOW, [], [], [], since=WINDOW.end).per_week is None


def test_what_takes_another_back_is_counted_apart() -> None:
    ended = [
        Ended(START, "succeeded"),
        Ended(START + DAY, "rolled_back"),
        Ended(START + DAY + HOUR, "succeeded", restores=True),
        Ended(START + 2 * DAY, "failed"),
        Ended(START + 3 * DAY, "succeeded"),
        Ended(WINDOW.end, "failed"),
        Ended(START - HOUR, "failed"),
    ]
    found = dora(WINDOW, ended, [], [], since=START)
    assert (found.deployments, found.restoring, found.failed) == (4, 1, 2)
    assert (found.per_week, found.change_fail_rate) == (2.0, 0.5)


@pytest.mark.parametrize(
    ("at", "out_at", "seconds"),
    [
        (START, [START + HOUR], [3600]),
        (START - 40 * DAY, [START + HOUR], [40 * 86400 + 3600]),
        (START, [START + 5 * DAY, START + HOUR], [3600]),  # by the first that brought it
        (START - 3 * DAY, [START - 2 * DAY, START + HOUR], []),  # out before the window
        (START + HOUR, [START + HOUR], []),  # positive only
        (START + 2 * HOUR, [START + HOUR], []),
        (None, [START + HOUR], []),
        (START, [WINDOW.end], []),
        (START, [], []),
    ],
)
def test_lead_time_is_from_commit_to_the_first_that_brought_it(
    at: datetime | None, out_at: list[datetime], seconds: list[int]
) -> None:
    assert [each.total_seconds() for each in lead_times([Committed(at, tuple(out_at))], WINDOW)] == seconds


@pytest.mark.parametrize(
    ("noticed", "taken_back", "expected"),
    [
        ([], {}, None),
        ([(START, START + HOUR)], {}, Incident(START, START + HOUR)),
        ([(START, None)], {}, Incident(START)),
        ([(START, START + HOUR), (START + 2 * HOUR, None)], {}, Incident(START)),
        ([(START, START + HOUR), (START + 2 * HOUR, START + DAY)], {}, Incident(START, START + DAY)),
        ([], {START: START + HOUR}, Incident(START, START + HOUR)),
        ([], {START: None}, Incident(START)),
        ([(START + HOUR, START + DAY)], {START: START + 3 * HOUR}, Incident(START + HOUR, START + DAY)),
    ],
)
def test_a_deployment_causes_one_incident(noticed, taken_back, expected: Incident | None) -> None:  # type: ignore[no-untyped-def]
    assert incident_of(noticed, taken_back) == expected


def test_incidents_count_where_they_end_and_open_ones_apart() -> None:
    incidents = [
        Incident(START - HOUR, START + HOUR),
        Incident(START + DAY, START + DAY + 4 * HOUR),
        Incident(START + 2 * DAY),
        Incident(START + 3 * DAY, WINDOW.end),
        Incident(START - DAY, START - HOUR),
        Incident(WINDOW.end + DAY),
    ]
    found = dora(WINDOW, [], [], incidents, since=None)
    assert (found.incidents, found.open_incidents, found.restore_seconds) == (2, 2, 3 * 3600)


moments = st.integers(-20 * 24, 40 * 24).map(lambda hours: START + hours * HOUR)
deployments = st.builds(Ended, moments, st.sampled_from(STATES), restores=st.booleans())
commits = st.builds(Committed, st.none() | moments, st.lists(moments, max_size=3).map(tuple))


@given(st.lists(deployments), st.lists(commits))
def test_an_independent_count_agrees(ended: list[Ended], told: list[Committed]) -> None:
    found = dora(WINDOW, ended, told, [], since=START)
    total = bad = 0
    for each in ended:
        if START <= each.finished_at < START + 14 * DAY and not each.restores:
            total += 1
            bad += each.state in ("failed", "rolled_back")
    seconds = []
    for commit in told:
        first = sorted(commit.out_at)[:1]
        if commit.at and first and START <= first[0] < START + 14 * DAY and first[0] > commit.at:
            seconds.append((first[0] - commit.at).total_seconds())
    assert (found.deployments, found.failed, found.commits) == (total, bad, len(seconds))
    assert found.per_week == total / 2
    assert found.change_fail_rate == (bad / total if total else None)
    assert found.lead_seconds == (median(seconds) if seconds else None)
