"""The replay of burn windows, compared with asking the live judgement anew at every minute."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sla.burning.steps import Step, burn_step, firing_pair, graver
from sla.figures.burns import burning
from sla.figures.exclusions import counting_spans
from sla.figures.judging import judge
from sla.figures.periods import period_from, periods_between
from sla.figures.stretches import seconds_in
from sla.minutes.dense import DenseMinutes
from sla.minutes.values import UNIT, Sums
from sla.models import Correction, TargetVersion
from sla.whatif.burning import Sent
from sla.whatif.comparing import REACH, SESSION_REACH, changes, side_of
from tests.calendars.oracle import utc
from tests.sla.figures.builders import correction_between, make_version
from tradewatch.calendars.sessions import Market, Session

NOW = utc("2026-11-26T12:00")
START = NOW - timedelta(hours=12)
MINUTE = timedelta(minutes=1)


def no_markets(code: str, start: datetime, end: datetime) -> Market | None:
    return None


def traffic(seed: int, *, since: datetime, hours_bad: Sequence[int]) -> DenseMinutes:
    """Some requests a minute, now and then none; in some hours before NOW many of them fail."""
    luck = random.Random(seed)
    counts: dict[int, Sums] = {}
    at, end = int(since.timestamp()), int(NOW.timestamp())
    for minute in range(at, end, 60):
        if luck.random() < 0.05:
            continue
        received = luck.randrange(1, 40)
        share = luck.choice((0.1, 0.3, 0.9)) if (end - minute) // 3600 in hours_bad else 0.002
        bad = sum(luck.random() < share for _ in range(received))
        weight = luck.choice((1, 1, 4))
        counts[minute] = Sums(received * weight * UNIT, bad * weight * UNIT, received, bad, 1)
    return DenseMinutes.from_counts(counts)


def slowly(
    version: TargetVersion, minutes: DenseMinutes, corrections: Sequence[Correction], markets: Any, reach: timedelta
) -> list[tuple[str, datetime]]:
    """Return what the live tick would have told as graver than before, minute by minute."""
    stretch = period_from(version, START - reach, NOW, "burn", markets=markets)
    spans = counting_spans(version, stretch, corrections)
    found: list[tuple[str, datetime]] = []
    told, told_at = "", None
    for period in periods_between(version, START, NOW, markets=markets):
        at = max(START, period.start) + MINUTE
        while at <= min(NOW, period.end):
            if any(span.holds(at - MINUTE) for span in spans):
                burns = burning(version, minutes, spans, at, period_seconds=seconds_in(period.spans))
                step = burn_step(told, told_at, burns, at)
                if step == Step.END:
                    told, told_at = "", None
                elif step == Step.TELL:
                    severity = firing_pair(burns).pair.severity  # type: ignore[union-attr]  # it tells of one
                    if graver(told, severity) != told:
                        told = severity
                        found.append((told, at))
                    told_at = at
            at += MINUTE
    return found


VERSIONS = {
    "rolling": make_version(),
    "strict": make_version(target_value="0.999", objective="0.999"),
    "calendar": make_version(window="calendar", window_unit="week", zone="America/New_York"),
    "traffic": make_version(least_events=900),
    "slices": make_version(slice_seconds=300, slice_target="0.95", objective="0.97"),
    "excluded": make_version(excluded_times="10:00-11:30 UTC"),
}


@pytest.mark.parametrize("name", VERSIONS)
def test_the_replay_sends_what_the_live_tick_would_have(name: str) -> None:
    version = VERSIONS[name]
    minutes = traffic(7, since=START - REACH, hours_bad=(1, 2, 8, 9, 10, 40, 70))
    corrections = [correction_between(NOW - timedelta(hours=9, minutes=20), NOW - timedelta(hours=8, minutes=50))]
    side = side_of(version, minutes, corrections, start=START, now=NOW, markets=no_markets)
    truth = slowly(version, minutes, corrections, no_markets, REACH)
    assert truth, "the traffic must make it fire, else nothing is tested"
    assert [(each.severity, each.starts_at) for each in side.sent] == truth


def test_on_a_markets_time_windows_reach_over_the_night() -> None:
    days = [START - SESSION_REACH + timedelta(days=number) for number in range(49)]
    sessions = tuple(Session(day.date(), day.replace(hour=8), day.replace(hour=16), None, False, "") for day in days)
    market = Market("XTST", ZoneInfo("UTC"), sessions, (), days[0].date(), days[-1].date(), timedelta(0), False)
    version = make_version(window="market", market="XTST", window_unit="month")
    minutes = traffic(3, since=START - SESSION_REACH, hours_bad=(0, 1, 2, 21, 22, 44))
    markets = lambda code, start, end: market  # noqa: E731
    side = side_of(version, minutes, [], start=START, now=NOW, markets=markets)
    truth = slowly(version, minutes, [], markets, SESSION_REACH)
    assert truth and [(each.severity, each.starts_at) for each in side.sent] == truth


def test_periods_are_judged_by_their_own_judgement() -> None:
    version = make_version(window="calendar", window_unit="day")
    minutes = traffic(5, since=START - REACH, hours_bad=(3,))
    side = side_of(version, minutes, [], start=START, now=NOW, markets=no_markets)
    for judged, period in zip(side.periods, periods_between(version, START, NOW, markets=no_markets), strict=True):
        assert judged == judge(version, minutes, period, [], NOW)
    assert [each.period.label for each in side.missed] == [
        each.period.label for each in side.periods if each.adjusted.value < version.target_value
    ]
    assert side.missed


def sent(first: int, last: int, severity: str = "page") -> Sent:
    return Sent(severity, NOW + first * MINUTE, NOW + last * MINUTE)


def test_what_is_lost_comes_later_or_is_new_is_told_apart() -> None:
    before = [sent(0, 10), sent(20, 30), sent(40, 50), sent(60, 70, "ticket")]
    after = [sent(0, 5), sent(25, 28), sent(60, 70), sent(61, 70, "ticket")]
    found = changes(before, after)
    assert found.lost == (sent(40, 50),)
    assert found.later == ((sent(20, 30), 5 * MINUTE), (sent(60, 70, "ticket"), MINUTE))
    assert found.new == (sent(60, 70),)
    assert changes(before, before) == changes((), ())


def test_nothing_is_sent_where_nothing_may_fail() -> None:
    version = make_version(target_value="1", objective="1")
    minutes = traffic(1, since=START, hours_bad=(1,))
    assert side_of(version, minutes, [], start=START, now=NOW, markets=no_markets).sent == ()
    assert Fraction(version.objective) == 1
