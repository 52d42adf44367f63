"""Did requests fail more often: each endpoint by Fisher's exact test, corrected over all of them. Values in and out."""

from collections.abc import Mapping
from dataclasses import replace
from math import floor
from types import MappingProxyType

from releases.verdicts.evidence import ErrorFinding, Finding, Share
from releases.verdicts.levels import Levels
from releases.verdicts.samples import EMPTY, Endpoint, Sample
from releases.verdicts.statistics.multiple import benjamini_hochberg
from releases.verdicts.statistics.ratios import more_than_expected, risk_ratio, risk_ratio_range, wilson
from releases.verdicts.statistics.smallest import is_large, smallest_rise
from releases.verdicts.statistics.tails import fisher

Table = tuple[int, int, int, int]  # failed before, of how many, failed after, of how many


def error_findings(
    before: Mapping[Endpoint, Sample],
    after: Mapping[Endpoint, Sample],
    levels: Levels,
    burstiness: Mapping[Endpoint, float] = MappingProxyType({}),
) -> list[ErrorFinding]:
    """Return a finding for each endpoint of either stretch.

    Those with fewer failures than could ever show are not asked, so that they cost the others nothing. That is fair:
    the test is one given the sum of failures. Failures that used to come in bursts count as that many fewer, of that
    many fewer requests (the effective sample: Rao and Scott, Biometrics 48, 1992).
    """
    endpoints = sorted(before.keys() | after.keys())
    tables = {each: _table(before.get(each, EMPTY), after.get(each, EMPTY)) for each in endpoints}
    worse = _corrected({each: _thinned(table, burstiness.get(each, 1.0)) for each, table in tables.items()}, levels)
    better = _corrected({each: _turned(table) for each, table in tables.items()}, levels)
    found = [_finding(each, tables[each], worse.get(each), better.get(each), levels) for each in endpoints]
    return [replace(each, burstiness=burstiness.get(Endpoint(each.endpoint, each.op), 1.0)) for each in found]


def share_of(failed: int, requests: int) -> Share:
    bounds = wilson(failed, requests)
    if bounds is None:
        return Share(failed, requests)
    return Share(failed, requests, failed / requests, bounds.low, bounds.high)


def _corrected(tables: Mapping[Endpoint, Table], levels: Levels) -> dict[Endpoint, tuple[float, float]]:
    """Return {endpoint: (p, q)} of those that are asked."""
    asked = [each for each, (b, m, a, n) in tables.items() if m and n and a + b >= levels.fewest_events]
    p_values = [fisher(*tables[each]) for each in asked]
    return dict(zip(asked, zip(p_values, benjamini_hochberg(p_values), strict=True), strict=True))


def _finding(
    endpoint: Endpoint,
    table: Table,
    worse: tuple[float, float] | None,
    better: tuple[float, float] | None,
    levels: Levels,
) -> ErrorFinding:
    finding = _judge(table, worse, better, levels)
    bounds = risk_ratio_range(*table)
    b, m, a, n = table
    return ErrorFinding(
        endpoint=endpoint.name,
        op=endpoint.op,
        finding=finding,
        before=share_of(b, m),
        after=share_of(a, n),
        risk_ratio=risk_ratio(*table),
        at_least=bounds.low if bounds else None,
        at_most=bounds.high if bounds else None,
        more=more_than_expected(*table),
        p=worse[0] if worse else 1.0,
        q=worse[1] if worse else 1.0,
        smallest=_smallest(b, m, n, levels) if finding == Finding.FEW else None,
    )


def _judge(
    table: Table, worse: tuple[float, float] | None, better: tuple[float, float] | None, levels: Levels
) -> Finding:
    if worse and worse[1] <= levels.level and _is_large(table, levels):
        return Finding.WORSE
    if better and better[1] <= levels.level and _is_large(_turned(table), levels):
        return Finding.BETTER
    b, m, _, n = table
    return Finding.SAME if _would_show(b, m, n, levels) else Finding.FEW


def _would_show(before: int, of_before: int, of_after: int, levels: Levels) -> bool:
    """Return whether a rise that matters would have been called worse."""
    if not of_before or not of_after:
        return False
    risen = before, of_before, floor(levels.limit(before / of_before) * of_after), of_after
    return _is_large(risen, levels) and fisher(*risen) <= levels.level


def _smallest(before: int, of_before: int, of_after: int, levels: Levels) -> float | None:
    least = smallest_rise(
        before, of_before, of_after, level=levels.level, ratio=levels.risk_ratio, more=levels.more_errors
    )
    return None if least is None else least / of_after


def _is_large(table: Table, levels: Levels) -> bool:
    return is_large(*table, ratio=levels.risk_ratio, more=levels.more_errors)


def _table(before: Sample, after: Sample) -> Table:
    return before.failed, before.requests, after.failed, after.requests


def _thinned(table: Table, burstiness: float) -> Table:
    b, m, a, n = (round(each / burstiness) for each in table)
    return b, m, a, n


def _turned(table: Table) -> Table:
    b, m, a, n = table
    return a, n, b, m
