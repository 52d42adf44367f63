"""Did issues get louder: each by the conditional binomial, corrected over all of them. Values in, values out."""

from collections.abc import Sequence

from releases.verdicts.evidence import Finding, IssueFinding
from releases.verdicts.levels import Levels
from releases.verdicts.samples import IssueSample
from releases.verdicts.statistics.multiple import benjamini_hochberg
from releases.verdicts.statistics.tails import binomial


def issue_findings(samples: Sequence[IssueSample], shares_after: Sequence[float], levels: Levels) -> list[IssueFinding]:
    """Return a finding for each issue that had events in either stretch."""
    asked = [each for each in samples if each.before + each.after >= levels.fewest_events]
    p_values = [p_louder(each, shares_after) for each in asked]
    corrected = benjamini_hochberg(p_values)
    found = {each.issue_id: (p, q) for each, p, q in zip(asked, p_values, corrected, strict=True)}
    return [_finding(each, found.get(each.issue_id, (1.0, 1.0)), shares_after, levels) for each in samples]


def p_louder(sample: IssueSample, shares_after: Sequence[float]) -> float:
    """Return how likely so many events after are by chance, at the share of exposure that says the least.

    More requests alone make no release bad, nor do fewer requests make a steady background job louder. Events that used
    to come in bursts count as that many fewer (quasi-Poisson: McCullagh and Nelder, 1989, section 6.2.3).
    """
    before, after = round(sample.before / sample.burstiness), round(sample.after / sample.burstiness)
    return max(binomial(before, after, share) for share in shares_after)


def is_louder(sample: IssueSample, shares_after: Sequence[float], levels: Levels) -> bool:
    """Return whether events rose enough to matter, at each share of exposure."""
    return all(_is_large(sample, share, levels) for share in shares_after)


def _is_large(sample: IssueSample, share: float, levels: Levels) -> bool:
    if not 0.0 < share < 1.0:
        return False
    expected = sample.before * share / (1 - share)
    return sample.after >= levels.risk_ratio * expected and sample.after - expected >= levels.more_errors


def _finding(
    sample: IssueSample, corrected: tuple[float, float], shares_after: Sequence[float], levels: Levels
) -> IssueFinding:
    p, q = corrected
    if q <= levels.level and is_louder(sample, shares_after, levels):
        finding = Finding.WORSE
    else:
        could_tell = max(binomial(0, sample.before + sample.after, share) for share in shares_after) <= levels.level
        finding = Finding.SAME if could_tell else Finding.FEW
    return IssueFinding(
        issue_id=sample.issue_id,
        title=sample.title,
        culprit=sample.culprit,
        finding=finding,
        before=sample.before,
        after=sample.after,
        is_new=sample.is_new,
        p=p,
        q=q,
        burstiness=sample.burstiness,
    )
