"""The figures on top of a target's page, each with its unit, its comparison and the counts under it."""

from dataclasses import dataclass

from sla.choices import TargetState
from sla.figures.values import Figures
from tradewatch.dashboard import words
from tradewatch.dashboard.sla.listing import lasting_words
from tradewatch.dashboard.sla.reading import Seen
from tradewatch.dashboard.sla.words import (
    burn_words,
    counted,
    coverage_words,
    left_words,
    pair_words,
    share_words,
    threshold_words,
    unit_of,
    value_words,
    whole,
)


@dataclass(frozen=True, slots=True)
class TargetStat:
    """`exact` is the figure as the API gives it; empty without data. `style`: up-bad, good or empty."""

    name: str
    value: str
    unit: str
    exact: str
    note: str
    verdict: str = ""
    verdict_style: str = ""
    style: str = ""

    @property
    def is_unknown(self) -> bool:
        return self.value == words.NO_DATA


def stats_of(seen: Seen) -> list[TargetStat]:
    found = [_value(seen), _budget(seen), _burn(seen), _coverage(seen)]
    if seen.judged.projected is not None:
        found.insert(3, _projected(seen, seen.judged.projected))
    return found


def _value(seen: Seen) -> TargetStat:
    version, figures = seen.version, seen.judged.adjusted
    so_far = "" if seen.judged.is_over else " so far"
    text = value_words(version, figures.value, near=version.target_value)
    approximate = ", ±1%" if figures.is_approximate else ""
    return TargetStat(
        f"Value{so_far}",
        *_parted(text),
        _exact(figures.value),
        f"target {threshold_words(version, version.target_value)}{approximate}",
        TargetState(figures.state).label.lower(),
        _style(figures),
    )


def _budget(seen: Seen) -> TargetStat:
    figures = seen.judged.adjusted
    so_far = "" if seen.judged.is_over else " so far"
    unit, bad = unit_of(seen.version)
    if figures.allowed is None:
        return TargetStat(f"Budget{so_far}", words.NO_DATA, "", "", f"starts with the first {unit}")
    left = left_words(figures.remaining)
    value = left.removesuffix(" left").removeprefix("spent, ")
    name = "Budget over" if "over" in left else f"Budget left{so_far}"
    note = f"{counted(figures.sums.bad)} {bad} of {figures.allowed:,.0f} allowed"
    return TargetStat(
        name, *_parted(value.removesuffix(" over")), _exact(figures.remaining), note, style=_spent_style(seen)
    )


def _burn(seen: Seen) -> TargetStat:
    if not seen.burnings:
        return TargetStat("Burn", words.NO_DATA, "", "", "no budget to burn")
    shown = seen.firing or seen.burnings[0]
    name = f"Burn, {pair_words(shown.pair).split(' / ')[0]}"
    note = f"{'pages' if shown.pair.severity == 'page' else 'a ticket'} above {burn_words(shown.pair.factor)}"
    lasts = lasting_words(seen)
    if shown.long_burn is None:
        return TargetStat(name, words.NO_DATA, "", "", note)
    verdict = f"lasts {lasts} more" if lasts else ""
    style = "up-bad" if shown.is_firing else ""
    return TargetStat(name, burn_words(shown.long_burn), "x", _exact(shown.long_burn), note, verdict, style, style)


def _projected(seen: Seen, projected: Figures) -> TargetStat:
    if projected.allowed is None:
        return TargetStat("Projected", words.NO_DATA, "", "", "nothing to go by yet")
    bad = unit_of(seen.version)[1]
    text = value_words(seen.version, projected.value, near=seen.version.target_value)
    note = f"≈ {whole(projected.sums.bad)} {bad} of {projected.allowed:,.0f} at the end"
    label = TargetState(projected.state).label.lower()
    return TargetStat(
        "Projected at the rate so far", *_parted(text), _exact(projected.value), note, label, _style(projected)
    )


def _coverage(seen: Seen) -> TargetStat:
    coverage = seen.judged.adjusted.coverage
    return TargetStat("Coverage", *_parted(share_words(coverage)), _exact(coverage), coverage_words(seen.judged))


def _parted(text: str) -> tuple[str, str]:
    """Return the number and its unit apart: ("99.929", "%"), ("431", "ms"), ("no data", "")."""
    if text == words.NO_DATA:
        return text, ""
    number, _, unit = text.partition(" ")
    return (number[:-1], "%") if number.endswith("%") else (number, unit)


def _exact(value: object) -> str:
    return "" if value is None else str(value)


def _style(figures: Figures) -> str:
    if figures.state == TargetState.NO_DATA:
        return "faint"
    return "good" if figures.state == TargetState.MET else "up-bad"


def _spent_style(seen: Seen) -> str:
    return "up-bad" if seen.is_paging or seen.is_spent else ""
