"""A burn and a threshold in words for a person at night. Pure."""

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from alerts.words import counted, duration_words, number_words, seconds_words
from sla.choices import Direction, TargetState
from sla.figures.budget import reports_percentile
from sla.figures.lasting import lasts_words
from sla.figures.pairs import PAGE, TICKET
from sla.figures.values import Burning, Judged
from sla.models import TargetVersion

VERBS = {PAGE: "pages", TICKET: "is a ticket"}
THOUSANDTH = Decimal("0.001")


def burn_title(name: str, burning: Burning) -> str:
    return f"{name}: its budget burns {_times(burning.short_burn)} as fast as it may"


def burn_message(version: TargetVersion, judged: Judged, burning: Burning) -> str:
    """Return how fast it burns over both windows, of how many bad, and how long the budget lasts."""
    long, short = (duration_words(timedelta(seconds=each)) for each in _windows(burning))
    bad = counted(burning.bad, "bad slice" if version.slice_seconds else "bad event")
    return " ".join(
        part
        for part in (
            f"Over {long} it burned {_times(burning.long_burn)} as fast as it may, with {bad},",
            f"over the last {short} {_times(burning.short_burn)};",
            f"it {VERBS[burning.pair.severity]} over {number_words(float(burning.pair.factor))}.",
            "" if _is_overspent(judged) else lasts_words(version, judged, burning.short_burn or Decimal(0)),
            _left(judged),
        )
        if part
    )


def burn_ended(burning: list[Burning]) -> str:
    """Return why it is over: what the fastest pair says now."""
    if not burning:
        return "The target has no budget to burn any more."
    first = burning[0]
    long = duration_words(timedelta(seconds=first.pair.long_seconds))
    if first.long_burn is None:
        return f"Nothing has been counted for {long}."
    return f"It no longer burns too fast: {_times(first.long_burn)} as fast as it may over {long}."


def state_title(name: str, version: TargetVersion, judged: Judged) -> str:
    limit = version.critical_threshold if judged.adjusted.state == TargetState.CRITICAL else version.warning_threshold
    sign = "under" if version.direction == Direction.HIGHER else "over"
    return f"{name}: {judged.adjusted.state}, at or {sign} {value_words(version, limit)}"


def state_message(version: TargetVersion, judged: Judged) -> str:
    if judged.adjusted.value is None:
        return f"Nothing has been counted in {_period_words(judged)}."
    value, target = value_words(version, judged.adjusted.value), value_words(version, version.target_value)
    return f"It is {value} in {_period_words(judged)}, its target {target}. {_left(judged)}".strip()


def value_words(version: TargetVersion, value: Decimal) -> str:
    """Return `431 ms` or `99.95%`: never rounded up to a whole that it is not."""
    if reports_percentile(version):
        return seconds_words(float(value))
    share = (value * 100).quantize(THOUSANDTH, rounding=ROUND_DOWN)
    return f"{share.normalize():f}%"


def _period_words(judged: Judged) -> str:
    label = judged.period.label
    return f"the {label}" if label.startswith("last") else label


def _is_overspent(judged: Judged) -> bool:
    return judged.adjusted.remaining is not None and judged.adjusted.remaining < 0


def _left(judged: Judged) -> str:
    remaining = judged.adjusted.remaining
    if remaining is None:
        return ""
    share = f"{(abs(remaining) * 100).quantize(Decimal('0.1'), rounding=ROUND_DOWN).normalize():f}%"
    return f"{share} of the budget is left." if remaining >= 0 else f"The budget is overspent by {share}."


def _times(burn: Decimal | None) -> str:
    return "not known how many times" if burn is None else f"{number_words(float(burn))} times"


def _windows(burning: Burning) -> tuple[int, int]:
    return burning.pair.long_seconds, burning.pair.short_seconds
