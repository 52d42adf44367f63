"""What TradeWatch measures of itself, for /system: a line a measure with its day, its rules, and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from alerts.choices import RuleKind
from alerts.measures.judging import comparison_of, limit_words
from alerts.models import AlertRule
from alerts.words import duration_words
from tradewatch.core.pulse import CLOCK
from tradewatch.dashboard import words
from tradewatch.metrics.own.history import Hours, last_day
from tradewatch.metrics.own.measures import BYTE, CRITICAL, DAY, OK, RATIO, SECOND, WARNING, Measure
from tradewatch.metrics.own.registry import Group, Readings, all_groups, read_own

_FINEST = 1000  # steps in which the bars are drawn


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    says: str
    link: str


@dataclass(frozen=True, slots=True)
class Line:
    """A measure. `hours` are heights of bars, empty when nothing was kept; `cure` is empty while it is healthy."""

    name: str
    title: str
    help: str
    state: str
    value: str
    hours: tuple[int, ...]
    said: str
    cure: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    is_unreadable: bool
    lines: tuple[Line, ...]


def own_section(project_ids: Sequence[int], now: datetime) -> dict[str, object]:
    """Return what the panels show. The figures are of the installation; of rules those that the asker may see."""
    readings, day, rules = read_own(now), last_day(now), _rules(project_ids)
    sections = [_section(group, readings, day, rules) for group in all_groups()]
    bad = [line for section in sections for line in section.lines if line.state in (WARNING, CRITICAL)]
    return {
        "sections": sections,
        "troubles": sorted(bad, key=lambda line: line.state != CRITICAL),
        "tone": CRITICAL if any(line.state == CRITICAL for line in bad) else WARNING if bad else OK,
        "finding": _finding(len(bad), readings),
    }


def value_words(measure: Measure, value: float) -> str:
    if measure.unit == SECOND:
        return words.seconds(value) if 0 < value < 60 else words.span(timedelta(seconds=value))
    if measure.unit == BYTE:
        return words.size(value)
    if measure.unit == RATIO:
        return words.percent(value)
    return f"{value:.0f} d" if measure.unit == DAY else words.count(value)


def _section(
    group: Group, readings: Readings, day: Mapping[str, Hours], rules: Mapping[str, tuple[Rule, ...]]
) -> Section:
    is_unreadable = group.name in readings.failed
    lines = tuple(
        _line(measure, readings, day.get(measure.name, ()), rules.get(measure.name, ())) for measure in group.measures
    )
    return Section(group.title, is_unreadable, lines)


def _line(measure: Measure, readings: Readings, hours: Hours, rules: tuple[Rule, ...]) -> Line:
    values, state = readings.values.get(measure.name, {}), readings.state_of(measure)
    kept = [each for each in hours if each is not None]
    return Line(
        name=measure.name,
        title=measure.title,
        help=measure.help,
        state=state,
        value=", ".join(_of_label(label, value_words(measure, each)) for label, each in sorted(values.items()))
        or words.NO_DATA,
        hours=_heights(hours) if kept else (),
        said=f"worst of each hour, last 24 h: {value_words(measure, measure.worst_of(kept))}" if kept else "",
        cure=measure.cure if state in (WARNING, CRITICAL) else "",
        rules=rules,
    )


def _of_label(label: str, value: str) -> str:
    return value if label in ("", CLOCK) else f"{label} {value}"


def _heights(hours: Hours) -> tuple[int, ...]:
    highest = max(each for each in hours if each is not None) or 1.0
    return tuple(0 if each is None else round(each / highest * _FINEST) for each in hours)


def _rules(project_ids: Sequence[int]) -> dict[str, tuple[Rule, ...]]:
    """Return {measure: the rules about it}: those for all projects, and those of projects that the asker may see."""
    found: dict[str, tuple[Rule, ...]] = {}
    kinds = [RuleKind.OWN_HEALTH, RuleKind.CLOCK]
    rows = AlertRule.objects.filter(Q(project=None) | Q(project__in=project_ids), kind__in=kinds)
    for rule in rows.order_by("name"):
        measure = rule.series if rule.kind == RuleKind.OWN_HEALTH else "clock_age_seconds"
        link = reverse("admin:alerts_alertrule_change", args=[rule.pk])
        found[measure] = (*found.get(measure, ()), Rule(rule.name, _says(rule), link))
    return found


def _says(rule: AlertRule) -> str:
    if not rule.is_enabled:
        return "switched off"
    if rule.kind == RuleKind.CLOCK:
        return "after 1 min"
    held = f" for {duration_words(timedelta(seconds=rule.for_seconds))}" if rule.for_seconds else ""
    return f"{comparison_of(rule)} {limit_words(rule)}{held}"


def _finding(bad: int, readings: Readings) -> str:
    if bad:
        return f"{words.plural(bad, 'measure')} not as {'it' if bad == 1 else 'they'} should be"
    return "Not all can be read" if readings.failed else "TradeWatch is well"
