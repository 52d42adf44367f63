"""The answer of a what-if: both sides read from the store, and put into words for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from alerts.replay.nights import Night
from alerts.words import duration_words
from sla.choices import Indicator, TargetState, WindowKind
from sla.figures.reading import remembering_markets
from sla.figures.values import Judged
from sla.minutes.loading import load
from sla.models import Correction, TargetVersion
from sla.queries import corrections_of
from sla.rules import Promise
from sla.services.targets import unsaved_version
from sla.whatif.burning import Sent
from sla.whatif.comparing import REACH, SESSION_REACH, Changes, Side, changes, side_of
from sla.whatif.reading import minutes_for
from sla.words import percent, plain

DAYS = 90
LISTED = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """`counted_from` is later than `start` where the source has nothing older."""

    start: datetime
    now: datetime
    counted_from: datetime
    before: Side
    after: Side

    @property
    def changes(self) -> Changes:
        return changes(self.before.sent, self.after.sent)


def answer(current: TargetVersion, promise: Promise, *, now: datetime, days: int = DAYS) -> Answer:
    """Judge the last days by the promise, and by the version that is in force, as if each had been all the time."""
    start = now - timedelta(days=days)
    is_of_market = WindowKind.MARKET in (promise.window, current.window)
    reach = start - (SESSION_REACH if is_of_market else REACH)
    corrections = list(_corrections(current, reach, now))
    markets = remembering_markets(now)
    proposed = unsaved_version(current.target, promise)
    minutes, counted_from = minutes_for(promise, current, reach, now)
    known = load([current.measure], reach, now)[current.measure_id]
    before = side_of(current, known, corrections, start=start, now=now, markets=markets)
    after = side_of(proposed, minutes, corrections, start=start, now=now, markets=markets)
    return Answer(start, now, counted_from, before, after)


def _corrections(current: TargetVersion, start: datetime, now: datetime) -> Sequence[Correction]:
    return list(corrections_of([current.target.project_id], start, now))


def shown(found: Answer, night: Night) -> dict[str, Any]:
    """Return what the page shows: each figure as it would be and as it is, periods by name, and what is lost."""
    gone = found.changes
    return {
        "since": found.start,
        "until": found.now,
        "counted_from": found.counted_from if found.counted_from > found.start else None,
        "is_approximate": found.after.is_approximate or found.before.is_approximate,
        "figures": _figures(found, night),
        "before": [_period(each, found.before.version) for each in found.before.periods],
        "after": [_period(each, found.after.version) for each in found.after.periods],
        "lost": [_alert(each, night) for each in gone.lost[-LISTED:]],
        "later": [{**_alert(each, night), "by": duration_words(by)} for each, by in gone.later[-LISTED:]],
        "new": [_alert(each, night) for each in gone.new[-LISTED:]],
        "counts": {"lost": len(gone.lost), "later": len(gone.later), "new": len(gone.new)},
    }


def _figures(found: Answer, night: Night) -> list[tuple[str, Any, Any]]:
    then, now = found.after, found.before
    return [
        ("Periods missed", _missed(then), _missed(now)),
        ("Budget left, newest period", _left(then.periods), _left(now.periods)),
        ("Pages", len(then.sent_of("page")), len(now.sent_of("page"))),
        ("Pages at night", _at_night(then, night), _at_night(now, night)),
        ("Tickets", len(then.sent_of("ticket")), len(now.sent_of("ticket"))),
    ]


def _missed(side: Side) -> str:
    return f"{len(side.missed)} of {len(side.periods)}"


def _at_night(side: Side, night: Night) -> int:
    return sum(night.holds(each.starts_at) for each in side.sent_of("page"))


def _left(periods: Sequence[Judged]) -> str:
    remaining = periods[-1].adjusted.remaining if periods else None
    return "no data" if remaining is None else percent(round(remaining, 4))


def _period(judged: Judged, version: TargetVersion) -> dict[str, Any]:
    figures = judged.adjusted
    return {
        "name": name_of(judged),
        "state": figures.state,
        "state_words": TargetState(figures.state).label,
        "value": _value(figures.value, version),
        "left": _left([judged]),
        "is_running": not judged.is_over,
        "is_missed": figures.state not in (TargetState.MET, TargetState.NO_DATA),
    }


def _value(value: Decimal | None, version: TargetVersion) -> str:
    if value is None:
        return "no data"
    if version.indicator == Indicator.PERCENTILE:
        return f"{plain(round(value, 4))} s"
    return percent(round(value, 6))


def name_of(judged: Judged) -> str:
    """Return its name; stretches of rolling days go by their ends."""
    period = judged.period
    if period.label.startswith("last "):
        return f"{period.label.removeprefix('last ')} to {period.end:%-d %b %Y}"
    return period.label


def _alert(sent: Sent, night: Night) -> dict[str, Any]:
    local = sent.starts_at.astimezone(ZoneInfo(night.zone))
    return {
        "severity": sent.severity,
        "starts_at": sent.starts_at,
        "local": f"{local:%a %H:%M}",
        "at_night": night.holds(sent.starts_at),
        "lasted": duration_words(sent.ends_at - sent.starts_at),
    }
