"""Did requests take longer: each endpoint by Mann-Whitney, corrected over all of them. Values in, values out."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from releases.verdicts.evidence import Finding, LatencyFinding, Times
from releases.verdicts.levels import Levels
from releases.verdicts.samples import EMPTY, Endpoint, Sample
from releases.verdicts.statistics.multiple import benjamini_hochberg
from releases.verdicts.statistics.noise import p_of_shift
from releases.verdicts.statistics.ranks import Ranked, mann_whitney, shift, smallest_a12
from tradewatch.performance.traces.weighing import percentiles

_QUANTILES = (0.5, 0.95)


def latency_findings(
    before: Mapping[Endpoint, Sample],
    after: Mapping[Endpoint, Sample],
    levels: Levels,
    wandering: Mapping[Endpoint, float] = MappingProxyType({}),
) -> list[LatencyFinding]:
    """Return a finding for each endpoint of either stretch that was measured at all.

    Of an endpoint whose latency used to wander, the shift must be more than that, too.
    """
    pairs = {each: (before.get(each, EMPTY), after.get(each, EMPTY)) for each in sorted(before.keys() | after.keys())}
    pairs = {each: pair for each, pair in pairs.items() if pair[0].measured or pair[1].measured}
    ranked = {each: found for each, pair in pairs.items() if (found := _ranked(*pair, levels)) is not None}
    shifts = {each: shift(pairs[each][0].bins, pairs[each][1].bins) or 1.0 for each in ranked}
    p_values = {
        each: max(found.p_slower, p_of_shift(shifts[each], wandering.get(each, 0.0))) for each, found in ranked.items()
    }
    slower = benjamini_hochberg(list(p_values.values()))
    faster = benjamini_hochberg([each.p_faster for each in ranked.values()])
    corrected = dict(zip(ranked, zip(slower, faster, strict=True), strict=True))
    return [
        replace(
            _finding(each, *pair, ranked.get(each), corrected.get(each, (1.0, 1.0)), shifts.get(each), levels),
            p=p_values.get(each, 1.0),
            wandering=wandering.get(each, 0.0),
        )
        for each, pair in pairs.items()
    ]


def _ranked(before: Sample, after: Sample, levels: Levels) -> Ranked | None:
    """None where the normal approximation would not hold."""
    if min(before.measured, after.measured) < levels.fewest_measured:
        return None
    return mann_whitney(before.bins, after.bins)


def _finding(
    endpoint: Endpoint,
    before: Sample,
    after: Sample,
    ranked: Ranked | None,
    corrected: tuple[float, float],
    shifted: float | None,
    levels: Levels,
) -> LatencyFinding:
    visible = smallest_a12(before.measured, after.measured, levels.deviations)
    finding = _judge(ranked, shifted, corrected, visible, levels)
    return LatencyFinding(
        endpoint=endpoint.name,
        op=endpoint.op,
        finding=finding,
        before=_times(before),
        after=_times(after),
        shift=shifted,
        a12=ranked.a12 if ranked else None,
        q=corrected[0],
        smallest_a12=visible if finding == Finding.FEW else None,
    )


def _judge(
    ranked: Ranked | None, shifted: float | None, corrected: tuple[float, float], visible: float, levels: Levels
) -> Finding:
    if ranked is None or shifted is None:
        return Finding.FEW
    slower, faster = corrected
    if slower <= levels.level and ranked.a12 >= levels.a12 and shifted >= levels.shift:
        return Finding.WORSE
    if faster <= levels.level and ranked.a12 <= 1 - levels.a12 and shifted <= 1 / levels.shift:
        return Finding.BETTER
    return Finding.SAME if visible <= levels.seen_a12 else Finding.FEW


def _times(sample: Sample) -> Times:
    p50, p95 = percentiles(sample.bins, _QUANTILES) or (None, None)
    return Times(sample.measured, p50, p95)
