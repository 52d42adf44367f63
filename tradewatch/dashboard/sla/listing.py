"""The overview of SLA targets: how each stands, what is left of its budget and how long that lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sla.choices import TargetState
from sla.figures.lasting import lasts
from sla.figures.running import running_down
from sla.figures.values import Burning
from sla.models import Target
from sla.reports.promises import promise_of
from tradewatch.dashboard import words
from tradewatch.dashboard.sla.bars import BudgetBar, budget_bar
from tradewatch.dashboard.sla.curves import Curve, curve_of
from tradewatch.dashboard.sla.reading import Seen
from tradewatch.dashboard.sla.words import (
    BADGES,
    MARKS,
    burn_words,
    coverage_words,
    left_words,
    pair_words,
    share_words,
    threshold_words,
    value_words,
    whole,
    window_words,
)

CURVE_POINTS = 24


@dataclass(frozen=True, slots=True)
class TargetLine:
    """Finished words of a target. `exact`: its value as the API gives it, empty without one. `lasts`: empty unless it
    burns at a rate that alerts."""

    target: Target
    state: TargetState
    mark: str
    badge: str
    label: str
    promise: str
    window: str
    value: str
    exact: str
    threshold: str
    left: str
    left_style: str
    bar: BudgetBar
    curve: Curve
    coverage: str
    coverage_detail: str
    projected: str
    projected_style: str
    burn: str
    lasts: str
    is_approximate: bool


def line_of(seen: Seen) -> TargetLine:
    """Return a target's line: the same words wherever it is shown."""
    judged, version = seen.judged, seen.version
    figures, state = judged.adjusted, TargetState(judged.adjusted.state)
    return TargetLine(
        target=seen.target,
        state=state,
        mark="critical" if seen.is_paging else MARKS[state],
        badge="critical" if seen.is_paging else BADGES[state],
        label="Burning" if seen.is_paging else state.label,
        promise=promise_of(version),
        window=window_words(version, judged.period),
        value=value_words(version, figures.value, near=version.target_value),
        exact="" if figures.value is None else str(figures.value),
        threshold=threshold_words(version, version.target_value),
        left=left_words(figures.remaining),
        left_style=_left_style(seen),
        bar=budget_bar(judged, is_paging=seen.is_paging),
        curve=curve_of(running_down(judged, seen.minutes, CURVE_POINTS, version), judged.period),
        coverage=share_words(figures.coverage),
        coverage_detail=coverage_words(judged),
        projected=_projected(seen),
        projected_style=_projected_style(seen),
        burn=fastest_words(seen.burnings),
        lasts=lasting_words(seen) if seen.firing else "",
        is_approximate=figures.is_approximate,
    )


def headline(lines: Sequence[TargetLine]) -> str:
    """Return `All 4 met`, or `Of 6 targets: 1 burning, 2 missed, 1 without data`."""
    parts = [
        (sum(line.label == "Burning" for line in lines), "burning"),
        (sum(line.label != "Burning" and line.state == TargetState.CRITICAL for line in lines), "critical"),
        (sum(line.label != "Burning" and line.state == TargetState.WARNING for line in lines), "at warning"),
        (sum(line.label != "Burning" and line.state == TargetState.MISSED for line in lines), "missed"),
        (sum(line.state == TargetState.NO_DATA for line in lines), "without data"),
    ]
    said = ", ".join(f"{number} {word}" for number, word in parts if number)
    total = words.plural(len(lines), "target")
    return f"Of {total}: {said}" if said else f"{total} met" if len(lines) == 1 else f"All {total} met"


def lasting_words(seen: Seen) -> str:
    """Return `1 h 25 min` of a budget that burns too fast; empty where it lasts or there is none."""
    burn = present_burn(seen.burnings)
    if burn is None or burn <= 1:
        return ""
    length = lasts(seen.judged, burn)
    return words.span(length) if length else ""


def present_burn(burnings: Sequence[Burning]) -> Decimal | None:
    """Return the burn by which people plan: what the alert says where a pair fires, else that of the first hour."""
    firing = next((each for each in burnings if each.is_firing), None)
    if firing is not None:
        return firing.short_burn
    return burnings[0].long_burn if burnings else None


def fastest_words(burnings: Sequence[Burning]) -> str:
    """Return `burn 21.3 in 1 h / 5 min`; empty where no pair fires."""
    chosen = next((each for each in burnings if each.is_firing), None)
    return f"burn {burn_words(chosen.long_burn)} in {pair_words(chosen.pair)}" if chosen else ""


def _left_style(seen: Seen) -> str:
    if seen.judged.adjusted.remaining is None:
        return "faint"
    return "up-bad" if seen.is_paging or seen.is_spent else ""


def _projected(seen: Seen) -> str:
    """Return how many will be bad of how many may, at the rate so far: `≈ 794 / 2,482`."""
    projected = seen.judged.projected
    if projected is None:
        return ""
    if projected.allowed is None:
        return words.NO_DATA
    return f"≈ {whole(projected.sums.bad)} / {projected.allowed:,.0f}"


def _projected_style(seen: Seen) -> str:
    remaining = seen.judged.projected.remaining if seen.judged.projected else None
    return "up-bad" if remaining is not None and remaining <= 0 else ""


def lines_of(seen: Sequence[Seen]) -> list[TargetLine]:
    return [line_of(each) for each in seen]
