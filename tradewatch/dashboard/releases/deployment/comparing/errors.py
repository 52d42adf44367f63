"""Rows of endpoints whose failures were compared."""

from releases.verdicts.evidence import ErrorFinding, Finding, Share
from releases.verdicts.levels import LEVELS, Levels
from tradewatch.dashboard import words
from tradewatch.dashboard.releases.deployment.comparing.rows import Row, p_words


def error_row(each: ErrorFinding, levels: Levels = LEVELS) -> Row:
    return Row(
        what=f"Errors, {each.endpoint}",
        before=share_words(each.before),
        before_counts=_counts(each.before),
        after=share_words(each.after),
        after_counts=_counts(each.after),
        finding=each.finding,
        evidence=error_evidence(each, levels),
        size=each.after.requests,
        is_slight=is_slight(each, levels),
    )


def share_words(share: Share) -> str:
    """Return `2.11%`, `0%`: two digits below ten, as the counts beside it are large."""
    if share.ratio is None:
        return words.NO_DATA
    percent = share.ratio * 100
    if percent in (0, 100):
        return f"{percent:.0f}%"
    return f"{percent:.2f}%" if percent < 10 else f"{percent:.1f}%"


def is_slight(each: ErrorFinding, levels: Levels = LEVELS) -> bool:
    """Return whether errors rose beyond chance, and by less than counts: nobody should read `Same` there."""
    return each.finding == Finding.SAME and each.q <= levels.level


def error_evidence(each: ErrorFinding, levels: Levels = LEVELS) -> str:
    """Return `5.3x, at least 4.0x; 253 more failures; p < 0.0001`."""
    if each.finding == Finding.FEW:
        return _unseen_words(each)
    if each.finding == Finding.SAME:
        return _slight_words(each, levels) if is_slight(each, levels) else _same_words(each)
    times = "none failed before" if each.risk_ratio is None else f"{_times(each.risk_ratio)}{_bound(each)}"
    change = f"{words.count(round(abs(each.more)))} {'more' if each.more > 0 else 'fewer'} failures"
    return f"{times}; {change}" + (f"; {p_words(each.q)}" if each.finding == Finding.WORSE else "")


def _bound(each: ErrorFinding) -> str:
    """Return what the true ratio is at least, or, of what got better, at most."""
    bound = each.at_least if each.finding == Finding.WORSE else each.at_most
    side = "at least" if each.finding == Finding.WORSE else "at most"
    return "" if bound is None else f", {side} {_times(bound)}"


def _same_words(each: ErrorFinding) -> str:
    if not each.before.failed and not each.after.failed:
        return "none failed"
    if each.risk_ratio is None:
        return f"{words.plural(each.after.failed, 'failure')} after none: too few to matter"
    if each.burstiness > 1 and each.more > 0:
        bursts = f"about {each.burstiness:.0f} used to fail together"
        return f"{_times(each.risk_ratio)}, but {bursts}: chance explains it, {p_words(each.q)}"
    most = "" if each.at_most is None else f", at most {_times(each.at_most)}"
    return f"{_times(each.risk_ratio)}{most}"


def _slight_words(each: ErrorFinding, levels: Levels) -> str:
    if each.risk_ratio is not None and each.risk_ratio < levels.risk_ratio:
        return f"{_times(each.risk_ratio)}; below the {_times(levels.risk_ratio)} that counts; {p_words(each.q)}"
    return f"{words.count(round(each.more))} more failures; too few to matter"


def _unseen_words(each: ErrorFinding) -> str:
    if not each.after.requests or not each.before.requests:
        side = "after" if not each.after.requests else "before"
        return f"no request {side}"
    if each.smallest is None:
        return "not even all of them failing would have shown"
    return f"only a rise to {words.percent(each.smallest)} or more would have shown"


def _counts(share: Share) -> str:
    return f"{share.failed:,} / {share.requests:,}"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}x" if ratio < 100 else f"{ratio:,.0f}x"
