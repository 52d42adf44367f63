"""What a target comes to over a period, raw and adjusted side by side. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sla.figures.budget import figures, projected, reports_percentile
from sla.figures.counting import counted, total
from sla.figures.exclusions import Taken, raw_spans, taken_out
from sla.figures.stretches import SECONDS, edges, seconds_in, whole_minute
from sla.figures.values import Exclusion, Figures, Judged, Period
from sla.minutes.values import Minutes
from sla.models import Correction, TargetVersion
from tradewatch.calendars.spans import Span, common, cut, without


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
    exclusions = tuple(_exclusion(each, minutes, everything, period.start, until) for each in taken)
    adjusted = _over(version, minutes, left, period.start, until)
    return Judged(
        target_id=version.target_id,
        version_id=version.pk,
        period=period,
        now=now,
        adjusted=adjusted,
        raw=_over(version, minutes, everything, period.start, until) if taken else adjusted,
        projected=projected(adjusted, expected=seconds_in(left) // SECONDS) if until < period.end else None,
        exclusions=exclusions,
    )


def _exclusion(
    taken: Taken, minutes: Minutes, everything: Sequence[Span], start: datetime, until: datetime
) -> Exclusion:
    return Exclusion(
        span=taken.span,
        kind=taken.kind,
        reason=taken.reason,
        actor=taken.actor,
        correction_id=taken.correction_id,
        sums=total(minutes, edges(common(everything, [taken.span]), start, until)),
    )


def _over(version: TargetVersion, minutes: Minutes, spans: Sequence[Span], start: datetime, until: datetime) -> Figures:
    bins = minutes.bins_within(edges(spans, start, until)) if reports_percentile(version) else {}
    sums = counted(version, minutes, spans, start, until)
    return figures(version, sums, bins, expected=seconds_in(cut(spans, start, until)) // SECONDS)
