"""Two versions over the same time: periods, budgets, and what each would have sent. Pure but for its period reader."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sla.choices import TargetState, WindowKind
from sla.figures.exclusions import counting_spans
from sla.figures.judging import judge
from sla.figures.pairs import LONGEST_SECONDS
from sla.figures.periods import ReadMarket, period_from, periods_between
from sla.figures.stretches import seconds_in, whole_minute
from sla.figures.values import Judged
from sla.minutes.values import Minutes
from sla.models import Correction, TargetVersion
from sla.whatif.axis import Axis, axis_of
from sla.whatif.burning import Segment, Sent, replay

NOT_MISSED = (TargetState.MET, TargetState.NO_DATA)
DAY = timedelta(days=1)
REACH = timedelta(seconds=LONGEST_SECONDS) + DAY
SESSION_REACH = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Side:
    """What one version makes of the time: its periods, the oldest first, and what it would have sent."""

    version: TargetVersion
    periods: tuple[Judged, ...]
    sent: tuple[Sent, ...]

    @property
    def missed(self) -> list[Judged]:
        return [each for each in self.periods if each.adjusted.state not in NOT_MISSED]

    def sent_of(self, severity: str) -> list[Sent]:
        return [each for each in self.sent if each.severity == severity]

    @property
    def is_approximate(self) -> bool:
        return any(each.adjusted.is_approximate for each in self.periods)


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of the alerts: those that would not come any more, those that come later (and by how much), new."""

    lost: tuple[Sent, ...]
    later: tuple[tuple[Sent, timedelta], ...]
    new: tuple[Sent, ...]


def side_of(
    version: TargetVersion,
    minutes: Minutes,
    corrections: Sequence[Correction],
    *,
    start: datetime,
    now: datetime,
    markets: ReadMarket,
) -> Side:
    """Judge every period of the version that touches `start` to `now`, and replay its burn windows over that time."""
    until = whole_minute(now)
    periods = periods_between(version, start, until, markets=markets)
    judged = tuple(judge(version, minutes, period, corrections, now) for period in periods)
    reach = SESSION_REACH if version.window == WindowKind.MARKET else REACH
    stretch = period_from(version, start - reach, until, "burn", markets=markets)
    spans = counting_spans(version, stretch, corrections)
    axis = axis_of(version, minutes, spans, start - reach, until)
    segments = _segments(axis, judged, start, until)
    sent = replay(axis, segments, objective=Fraction(version.objective), least_events=version.least_events)
    return Side(version, judged, tuple(sent))


def changes(before: Iterable[Sent], after: Iterable[Sent]) -> Changes:
    """Return what becomes of the alerts when `after` takes the place of `before`; those that overlap are the same."""
    old, new = list(before), list(after)
    lost, later = [], []
    for each in old:
        same = [other for other in new if other.severity == each.severity and _overlap(each, other)]
        if not same:
            lost.append(each)
        elif same[0].starts_at > each.starts_at:
            later.append((each, same[0].starts_at - each.starts_at))
    fresh = [each for each in new if not any(o.severity == each.severity and _overlap(each, o) for o in old)]
    return Changes(tuple(lost), tuple(later), tuple(fresh))


def _overlap(one: Sent, other: Sent) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _segments(axis: Axis, judged: Sequence[Judged], start: datetime, until: datetime) -> Iterable[Segment]:
    for each in judged:
        first, last = axis.between(max(each.period.start, start), min(each.period.end, until))
        if first < last:
            yield Segment(first, last, seconds_in(each.period.spans))
