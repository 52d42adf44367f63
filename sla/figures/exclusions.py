"""Time that leaves a target's figures: corrections and its own recurring times, joined where they overlap. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sla.choices import CorrectionKind
from sla.figures.stretches import outward
from sla.figures.values import Period
from sla.models import Correction, TargetVersion
from tradewatch.calendars.spans import Span, common, joined, without

REASON = "Recurring times of the target"


@dataclass(frozen=True, slots=True)
class Taken:
    """An exclusion before its counts are known."""

    span: Span
    kind: CorrectionKind
    reason: str
    actor: str
    correction_id: int | None


def applying(version: TargetVersion, corrections: Iterable[Correction]) -> list[Correction]:
    """Return the corrections that are in force for the version.

    One for an environment leaves a target over all environments alone: its counts cannot be taken apart.
    """
    return [
        each
        for each in corrections
        if each.withdrawn_at is None
        and each.target_id in (None, version.target_id)
        and each.environment in ("", version.environment)
    ]


def taken_out(version: TargetVersion, period: Period, corrections: Iterable[Correction]) -> list[Taken]:
    """Return what leaves the period, in order and without overlaps.

    Minutes that are touched leave whole. Where some overlap they become one, with the kind of the first and the
    reasons and actors of all. What touches no time that counts is left out.
    """
    counting = [*period.spans, *period.excluded]
    found = [Taken(each, CorrectionKind.OUTSIDE_HOURS, REASON, version.actor, None) for each in period.excluded]
    for each in applying(version, corrections):
        if each.ends_at <= period.start or each.starts_at >= period.end:
            continue
        [whole] = outward([Span(each.starts_at, each.ends_at)])
        span = Span(max(whole.start, period.start), min(whole.end, period.end))
        if span.start < span.end and common([span], counting):
            found.append(Taken(span, CorrectionKind(each.kind), each.reason, each.actor, each.pk))
    return _joined(found)


def counting_spans(version: TargetVersion, period: Period, corrections: Iterable[Correction]) -> list[Span]:
    """Return the time of the period that is left: what the adjusted figures are made of."""
    return without(period.spans, [each.span for each in taken_out(version, period, corrections)])


def raw_spans(period: Period) -> list[Span]:
    return joined([*period.spans, *period.excluded])


def _joined(found: Iterable[Taken]) -> list[Taken]:
    kept: list[Taken] = []
    for each in sorted(found, key=lambda taken: (taken.span, taken.correction_id or 0)):
        if kept and each.span.start < kept[-1].span.end:
            kept[-1] = _as_one(kept[-1], each)
        else:
            kept.append(each)
    return kept


def _as_one(first: Taken, other: Taken) -> Taken:
    span = Span(first.span.start, max(first.span.end, other.span.end))
    return replace(first, span=span, reason=_both(first.reason, other.reason), actor=_both(first.actor, other.actor))


def _both(known: str, more: str) -> str:
    return known if more in known.split("; ") else f"{known}; {more}"
