"""What a target comes to over a period, raw and adjusted side by side. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sla.figures.budget import figures, projected, reports_percentile
from sla.figures.counting import Within, counted, total
from sla.figures.exclusions import Taken, raw_spans, taken_out
from sla.figures.stretches import SECONDS, edges, seconds_in, whole_minute
from sla.figures.values import Exclusion, Figures, Judged, Period
from sla.minutes.values import Minutes, Sums
from sla.models import Correction, TargetVersion
from tradewatch.calendars.spans import common, without
from tradewatch.performance.traces.weighing import WeightedBins, merge


def judge(
    version: TargetVersion, minutes: Minutes, period: Period, corrections: Iterable[Correction], now: datetime
) -> Judged:
    """Return the target's period as of `now`, judged whole by `version`; the minute that runs is left out.

    `corrections` may be the whole project's: those that are not the target's are left alone. Exclusions carry the
    events that went, also where slices are counted.
    """
    until = min(period.end, whole_minute(now))
    everything = raw_spans(period)
    taken = taken_out(version, period, corrections)
    left = without(everything, [each.span for each in taken])
    gone = [edges(common(everything, [each.span]), period.start, until) for each in taken]
    sides = [edges(each, period.start, until) for each in (left, everything)]
    adjusted, raw = _sides(version, minutes, sides, gone, int(until.timestamp()))
    return Judged(
        target_id=version.target_id,
        version_id=version.pk,
        period=period,
        now=now,
        adjusted=adjusted,
        raw=raw,
        projected=projected(adjusted, expected=seconds_in(left) // SECONDS) if until < period.end else None,
        exclusions=tuple(_exclusion(each, total(minutes, within)) for each, within in zip(taken, gone, strict=True)),
    )


def _sides(
    version: TargetVersion, minutes: Minutes, sides: Sequence[Within], gone: Sequence[Within], until: int
) -> tuple[Figures, Figures]:
    """Return (adjusted, raw) of what is left and of everything. A histogram of everything is that of both parts."""
    left, everything = sides
    bins = [minutes.bins_within(left)] if reports_percentile(version) else []
    adjusted = _figures(version, minutes, left, merge(bins), until)
    if not gone:
        return adjusted, adjusted
    if bins:
        bins.append(minutes.bins_within([stretch for within in gone for stretch in within]))
    return adjusted, _figures(version, minutes, everything, merge(bins), until)


def _figures(version: TargetVersion, minutes: Minutes, within: Within, bins: WeightedBins, until: int) -> Figures:
    expected = sum(end - start for start, end in within) // SECONDS
    return figures(version, counted(version, minutes, within, until), bins, expected=expected)


def _exclusion(taken: Taken, sums: Sums) -> Exclusion:
    return Exclusion(taken.span, taken.kind, taken.reason, taken.actor, taken.correction_id, sums)
