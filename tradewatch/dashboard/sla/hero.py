"""The one sentence on top of a target's page: what happens to its budget, why, and what was done about it."""

from dataclasses import dataclass
from datetime import UTC

from alerts.models import Alert
from sla.choices import TargetState
from sla.figures.values import Burning
from tradewatch.dashboard.sla.listing import lasting_words
from tradewatch.dashboard.sla.reading import Seen
from tradewatch.dashboard.sla.words import (
    burn_words,
    left_words,
    pair_words,
    share_words,
    threshold_words,
    value_words,
)


@dataclass(frozen=True, slots=True)
class TargetHero:
    """`level`: critical, warning, ok or empty. `alert`: that which is open about this target."""

    level: str
    title: str
    text: str
    alert: Alert | None


def hero_of(seen: Seen, alert: Alert | None) -> TargetHero:
    figures, firing = seen.judged.adjusted, seen.firing
    if firing is not None:
        return TargetHero(
            "critical" if seen.is_paging else "warning", _burning_title(seen), _burning_text(firing), alert
        )
    if figures.state == TargetState.NO_DATA:
        return TargetHero("", "No data in this period", _no_data_text(seen), alert)
    if seen.is_spent:
        return TargetHero("warning", f"The budget is {left_words(figures.remaining)}", _state_text(seen), alert)
    if figures.state != TargetState.MET:
        level = "critical" if figures.state == TargetState.CRITICAL else "warning"
        return TargetHero(level, _state_text(seen), f"The budget: {left_words(figures.remaining)}.", alert)
    return TargetHero("ok", f"Met, with {left_words(figures.remaining)}", _quiet_text(seen), alert)


def _burning_title(seen: Seen) -> str:
    lasts = lasting_words(seen)
    if not lasts:
        return f"The budget is {left_words(seen.judged.adjusted.remaining)} and burns on"
    market = " of market time" if seen.version.market else ""
    return f"At this rate the budget is gone in {lasts}{market}"


def _burning_text(firing: Burning) -> str:
    windows = pair_words(firing.pair).split(" / ")
    burns = f"{windows[0]} burn {burn_words(firing.long_burn)} and {windows[1]} burn {burn_words(firing.short_burn)}"
    return f"{burns}, both above {burn_words(firing.pair.factor)}."


def _state_text(seen: Seen) -> str:
    figures, version = seen.judged.adjusted, seen.version
    value = value_words(version, figures.value, near=version.target_value)
    said = f"{TargetState(figures.state).label}: {value}, target {threshold_words(version, version.target_value)}"
    return said if seen.judged.is_over else f"{said}, so far"


def _quiet_text(seen: Seen) -> str:
    coverage = seen.judged.adjusted.coverage
    if coverage is not None and coverage < 1:
        return f"{share_words(coverage)} of the time was measured; what was not is in neither part."
    return "Every minute was measured."


def _no_data_text(seen: Seen) -> str:
    start = seen.judged.period.start.astimezone(UTC)
    return f"Nothing was counted since {start:%d %b %H:%M} UTC. It is neither met nor missed until something is."
