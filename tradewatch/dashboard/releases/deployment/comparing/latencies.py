"""Rows of endpoints whose durations were compared."""

from releases.verdicts.evidence import Finding, LatencyFinding
from releases.verdicts.levels import LEVELS, Levels
from tradewatch.dashboard import words
from tradewatch.dashboard.releases.deployment.comparing.rows import Row, p_words

AS_FAST = "as fast"


def latency_row(each: LatencyFinding, levels: Levels) -> Row:
    return Row(
        what=f"p95, {each.endpoint}",
        before=words.seconds(each.before.p95),
        before_counts=f"{each.before.measured:,}",
        after=words.seconds(each.after.p95),
        after_counts=f"{each.after.measured:,}",
        finding=each.finding,
        evidence=latency_evidence(each, levels),
        size=each.after.measured,
    )


def latency_evidence(each: LatencyFinding, levels: Levels = LEVELS) -> str:
    """Return `26% faster, A12 0.61; p < 0.0001`, `4.6% slower; below the 10% that counts`."""
    if each.finding == Finding.FEW:
        return _unseen_times(each)
    if each.shift is None or each.a12 is None:
        return ""
    speed = speed_words(each.shift)
    if each.finding == Finding.WORSE:
        return f"{speed}, A12 {each.a12:.2f}; {p_words(each.q)}"
    if each.finding == Finding.BETTER or speed == AS_FAST:
        return f"{speed}, A12 {each.a12:.2f}" if speed != AS_FAST else AS_FAST
    if max(each.shift, 1 / each.shift) < levels.shift:
        return f"{speed}; below the {levels.shift - 1:.0%} that counts"
    if each.shift > 1 and each.q > levels.level and each.wandering:
        return f"{speed}, but it used to move by {each.wandering:.0%} from five minutes to the next: {p_words(each.q)}"
    if each.shift > 1 and each.q > levels.level:
        return f"{speed}, which chance explains: {p_words(each.q)}"
    return f"{speed}, A12 {each.a12:.2f}: too little to matter"


def speed_words(shift: float) -> str:
    """Return `26% faster` of a shift of 0.74: how much longer, or shorter, the typical request takes."""
    percent = abs(shift - 1) * 100
    size = f"{percent:.0f}" if percent >= 10 else f"{percent:.1f}".removesuffix(".0")
    if size == "0":
        return AS_FAST
    return f"{size}% {'slower' if shift > 1 else 'faster'}"


def _unseen_times(each: LatencyFinding) -> str:
    if not each.before.measured or not each.after.measured:
        return f"no request {'after' if not each.after.measured else 'before'}"
    if each.smallest_a12 is None or each.smallest_a12 >= 1:
        return "too few to tell"
    return f"only an A12 of {each.smallest_a12:.2f} or more would have shown"
