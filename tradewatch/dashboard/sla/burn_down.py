"""The burn-down chart of a target: the budget left over its period, the even pace, and where it leads at this rate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from sla.figures.lasting import lasts
from sla.figures.running import running_down
from sla.figures.values import Judged
from tradewatch.calendars.spans import Span
from tradewatch.dashboard import words
from tradewatch.dashboard.charts import Chart, Limit, Line, Values
from tradewatch.dashboard.sla.listing import present_burn
from tradewatch.dashboard.sla.reading import Seen
from tradewatch.dashboard.sla.words import left_words
from tradewatch.metrics.markers import Band, markers_between

Side = Literal["adjusted", "raw"]
STEPS = (60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 3 * 86_400)
MOST_STEPS = 180
FULL, LOWEST = 100.0, -25.0  # percent; what is more over than that lies on the lower edge


@dataclass(frozen=True, slots=True)
class Clock:
    """The chart's steps from the period's start to its end, in epoch seconds; `now` is the last whole minute."""

    start: int
    end: int
    now: int

    @property
    def step(self) -> int:
        return next((each for each in STEPS if (self.end - self.start) / each <= MOST_STEPS), STEPS[-1])

    @property
    def moments(self) -> list[int]:
        return list(range(self.start, self.end + self.step, self.step))

    @property
    def past(self) -> int:
        """Return how many whole steps are over."""
        return max((min(self.now, self.end) - self.start) // self.step, 1)


def burn_down(seen: Seen, side: Side, bands: Sequence[Band]) -> Chart:
    """Return the chart of one side. Its curve ends with what is left now."""
    judged = side_of(seen.judged, side)
    clock = clock_of(judged)
    left = _left(seen, judged, clock)
    gone = _gone_at(seen, judged)
    about = [seen.target.project_id], seen.version.environment, clock.start, clock.moments[-1]
    more = [Line("even pace", "s5", _pace(judged, clock), is_dashed=True)]
    if gone is not None and left[clock.past] is not None:
        more.append(Line("at the present rate", "err", _towards(clock, left[clock.past] or 0.0, gone), is_dashed=True))
    return Chart(
        key="burn-down",
        name="budget left",
        unit="%",
        style="s1",
        start=clock.start,
        step=clock.step,
        values=left,
        finding=finding_of(judged, gone),
        empty=_empty_words(judged),
        more=tuple(more),
        bands=tuple(bands),
        limit=Limit(0.0, "budget spent"),
        markers=tuple(markers_between(*about)),
        is_running=False,
        ceiling=FULL,
    )


def side_of(judged: Judged, side: Side) -> Judged:
    """Return the period as if nothing had been excluded, for the raw side."""
    return judged if side == "adjusted" else replace(judged, adjusted=judged.raw, exclusions=())


def clock_of(judged: Judged) -> Clock:
    start, end = int(judged.period.start.timestamp()), int(judged.period.end.timestamp())
    return Clock(start, max(end, start + 60), int(judged.now.timestamp()) // 60 * 60)


def finding_of(judged: Judged, gone: datetime | None) -> str:
    """Return what the chart shows, as a sentence for those who do not see it."""
    if judged.adjusted.remaining is None:
        return "Budget: no data"
    since = f"Budget {left_words(judged.adjusted.remaining)} since {judged.period.start:%d %b %H:%M} UTC"
    return f"{since}; at the present rate it is gone on {gone:%d %b at %H:%M} UTC" if gone else since


def moment_gone(spans: Sequence[Span], now: datetime, length: timedelta) -> datetime | None:
    """Return when `length` of counting time will have passed after `now`; None: not within the spans."""
    for span in spans:
        start = max(span.start, now)
        if start >= span.end:
            continue
        if length <= span.end - start:
            return start + length
        length -= span.end - start
    return None


def _gone_at(seen: Seen, judged: Judged) -> datetime | None:
    burn = present_burn(seen.burnings)
    if judged.is_over or burn is None or burn <= 1:
        return None
    length = lasts(judged, burn)
    return moment_gone(judged.period.spans, judged.now, length) if length else None


def _left(seen: Seen, judged: Judged, clock: Clock) -> Values:
    """Return the percent left at each step up to now, then nothing."""
    found = running_down(judged, seen.minutes, clock.past, seen.version)
    if not found:
        return (None,) * len(clock.moments)
    known = [round(max(float(left) * 100, LOWEST), 2) for _, left in found]
    known = known[: clock.past + 1] + [known[-1]] * (clock.past + 1 - len(known))
    return tuple([*known, *[None] * len(clock.moments)][: len(clock.moments)])


def _pace(judged: Judged, clock: Clock) -> Values:
    """Return what would be left if the budget went evenly over the time that counts."""
    whole = sum(span.length.total_seconds() for span in judged.period.spans)
    if not whole:
        return (None,) * len(clock.moments)
    return tuple(round(FULL * (1 - _passed(judged.period.spans, at) / whole), 2) for at in clock.moments)


def _passed(spans: Sequence[Span], at: int) -> float:
    moment = datetime.fromtimestamp(at, UTC)
    return sum(max((min(span.end, moment) - span.start).total_seconds(), 0.0) for span in spans)


def _towards(clock: Clock, left: float, gone: datetime) -> Values:
    """Return the line from what is left now to nothing, and below it to the chart's edge."""
    length = max(gone.timestamp() - clock.now, float(clock.step))
    line = [left * (1 - (at - clock.moments[clock.past]) / length) for at in clock.moments[clock.past :]]
    shown = [round(each, 2) for each in line if each > 0]
    cut = [*shown, *[0.0 if left > 0 else LOWEST for _ in line[len(shown) : len(shown) + 1]]]
    return tuple([*[None] * clock.past, *cut, *[None] * len(clock.moments)][: len(clock.moments)])


def _empty_words(judged: Judged) -> str:
    if judged.adjusted.sums.valid:
        return "nothing may fail: there is no budget to run down"
    return f"nothing was counted since {judged.period.start:%d %b %H:%M} UTC"


def axis_words(shown: Judged) -> str:
    """Return what the chart's axes are: `one step is 6 h`, and where it is cut: `cut at −25%`."""
    step = f"one step is {words.span(timedelta(seconds=clock_of(shown).step))}"
    left = shown.adjusted.remaining
    return f"{step}, cut at −{-LOWEST:.0f}%" if left is not None and left * 100 < LOWEST else step
