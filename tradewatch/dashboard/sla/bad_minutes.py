"""The table of every bad minute of a target's period: stretches, a page of them at a time, with what else is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.models import Alert
from sla.costs.slots import bad_minutes
from sla.figures.stretches import edges, whole_minute
from tradewatch.calendars.spans import Span
from tradewatch.core.faults import Invalid
from tradewatch.dashboard import words
from tradewatch.dashboard.sla.evidence import Evidence, IssueEvents, evidence_of
from tradewatch.dashboard.sla.reading import Seen
from tradewatch.dashboard.sla.stretches import BadMinute, Stretch, ordered, stretches_of
from tradewatch.dashboard.sla.words import counted, of_words
from tradewatch.performance.models import KeptTransaction

A_PAGE = 8  # stretches
LONGEST = 30  # minutes of one: a page has at most 240
WORST = "worst"


@dataclass(frozen=True, slots=True)
class MinuteRow:
    at: datetime
    bad: str
    valid: str
    issues: Sequence[IssueEvents]
    traces: Sequence[KeptTransaction]
    alerts: Sequence[Alert]

    @property
    def end(self) -> datetime:
        return self.at + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StretchRow:
    """`share` of all that was bad. `issues` and `alerts` are those of all its minutes."""

    start: datetime
    end: datetime
    length: str
    bad: str
    valid: str
    share: str
    issues: Sequence[IssueEvents]
    alerts: Sequence[Alert]
    minutes: Sequence[MinuteRow]


@dataclass(frozen=True, slots=True)
class BadMinutes:
    """One page. `older` and `newer` are the places to begin at; None: there is no more that way."""

    rows: Sequence[StretchRow]
    total_minutes: int
    total_stretches: int
    first: int
    is_worst_first: bool
    newer: int | None
    older: int | None

    @property
    def shown(self) -> str:
        """Return `1 to 8 of 31 stretches`."""
        if self.total_stretches == 1:
            return "1 stretch"
        return f"{self.first + 1} to {self.first + len(self.rows)} of {self.total_stretches:,} stretches"


def bad_minutes_page(seen: Seen, left: Sequence[Span], asked: Mapping[str, str]) -> BadMinutes:
    """Return the page that `at` (a number of stretches) and `sort` name. `left`: the time that counts.

    Raises `Invalid` for a place that is none.
    """
    is_worst_first = asked.get("sort") == WORST
    first = _place(asked.get("at", ""))
    minutes = list(bad_minutes(seen.minutes, edges(left, seen.judged.period.start, whole_minute(seen.judged.now))))
    stretches = ordered(stretches_of(minutes, longest=LONGEST), worst_first=is_worst_first)
    shown = stretches[first : first + A_PAGE]
    evidence = evidence_of(seen.version, shown)
    whole = sum(sums.bad for _, sums in minutes)
    return BadMinutes(
        rows=[_row(each, evidence, whole) for each in shown],
        total_minutes=len(minutes),
        total_stretches=len(stretches),
        first=first,
        is_worst_first=is_worst_first,
        newer=max(first - A_PAGE, 0) if first else None,
        older=first + A_PAGE if first + A_PAGE < len(stretches) else None,
    )


def _row(stretch: Stretch, evidence: Evidence, whole: int) -> StretchRow:
    at = [each.at for each in stretch.minutes]
    sums = stretch.sums
    return StretchRow(
        start=_moment(stretch.start),
        end=_moment(stretch.end),
        length=words.span(timedelta(seconds=stretch.end - stretch.start)),
        bad=counted(sums.bad),
        valid=counted(sums.valid),
        share=of_words(sums.bad, whole),
        issues=evidence.issues_of(at)[:3],
        alerts=evidence.alerts_of(at)[:2],
        minutes=[_minute(each, evidence) for each in reversed(stretch.minutes)],
    )


def _minute(minute: BadMinute, evidence: Evidence) -> MinuteRow:
    return MinuteRow(
        at=_moment(minute.at),
        bad=counted(minute.sums.bad),
        valid=counted(minute.sums.valid),
        issues=evidence.issues.get(minute.at, [])[:3],
        traces=evidence.traces.get(minute.at, []),
        alerts=evidence.alerts.get(minute.at, []),
    )


def _place(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Invalid("bad place in the list", errors={"at": ["expected a number"]})
    return int(text)


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
