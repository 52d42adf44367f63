"""What one of our own measures is, and whether a value of it is healthy. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SECOND, BYTE, RATIO, DAY, COUNT = "second", "byte", "ratio", "day", ""

# Marks of the kit: good, degraded, failing, not known.
OK, WARNING, CRITICAL, UNKNOWN = "ok", "warning", "critical", "none"
WORST_FIRST = (CRITICAL, WARNING, UNKNOWN, OK)

Values = Mapping[str, Mapping[str, float]]  # {measure: {value of its label, "" without one: value}}


@dataclass(frozen=True, slots=True)
class Limits:
    """A value beyond `warning` is degraded, beyond `critical` failing: strictly above, or below where `is_below`."""

    warning: float
    critical: float
    is_below: bool = False

    def state_of(self, value: float) -> str:
        if self._is_beyond(value, self.critical):
            return CRITICAL
        return WARNING if self._is_beyond(value, self.warning) else OK

    def _is_beyond(self, value: float, limit: float) -> bool:
        return value < limit if self.is_below else value > limit


@dataclass(frozen=True, slots=True)
class Measure:
    """`name` is the same everywhere; Prometheus sees it as `tradewatch_<name>`. `label` names what tells its values
    apart; it has few values, and none from outside. `cure`: what a person does when it is bad."""

    name: str
    title: str
    unit: str
    help: str
    label: str = ""
    limits: Limits | None = None
    cure: str = ""

    @property
    def family(self) -> str:
        return f"tradewatch_{self.name}"

    def state_of(self, values: Iterable[float]) -> str:
        """Return the worst state of the values; UNKNOWN for none, and OK for what has no limits."""
        found = [OK if self.limits is None else self.limits.state_of(value) for value in values]
        return worst(found) if found else UNKNOWN

    def worst_of(self, values: Iterable[float]) -> float:
        """Return the value that is nearest to trouble: the greatest, or the least where little is bad."""
        return (min if self.limits and self.limits.is_below else max)(values)


def worst(states: Iterable[str]) -> str:
    found = set(states)
    return next((state for state in WORST_FIRST if state in found), UNKNOWN)
