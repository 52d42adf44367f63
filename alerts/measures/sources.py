"""Which source answers for which kind of rule. `alerts` brings those that counters and histograms allow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from alerts.choices import RuleKind
from alerts.measures.absence import read_absence
from alerts.measures.counted import read_metric
from alerts.measures.custom import read_custom
from alerts.measures.issues import read_issue_events, read_issue_users
from alerts.measures.latency import read_latency
from alerts.measures.ledger import Ledger, Span
from alerts.measures.own import read_own_measure
from alerts.measures.readings import Reading, Spot
from alerts.measures.rise import read_rise
from alerts.models import AlertRule
from tradewatch.metrics.own.registry import all_measures


class Source(Protocol):
    def __call__(
        self, rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
    ) -> Mapping[Spot, Sequence[Reading]]:
        """Return the readings of each place, one for each of the span's ends, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a subject: an alert's title and link name it, its labels carry the tags.

    Empty `title`: the reading's words name it. `advice`: what to do, for who is told.
    """

    title: str
    link: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    advice: str = ""


Describe = Callable[[AlertRule, Spot], About | None]


def _about_group(rule: AlertRule, spot: Spot) -> About:
    """Return what a value of the attribute is called that a rule over a custom metric groups by."""
    value = spot.subject.removeprefix(f"{rule.group_by}=")
    return About(f"{rule.group_by} {value or 'not set'}", tags={rule.group_by: value} if value else {})


def _about_measure(rule: AlertRule, spot: Spot) -> About | None:
    """Return where one of our own measures is shown, and what to do when it is bad."""
    measure = all_measures().get(rule.series)
    if measure is None:
        return None
    label = spot.subject.removeprefix(measure.name).removeprefix("=")
    tags = {measure.label: label} if measure.label and label else {}
    return About("", f"/system#{measure.name}", tags, measure.cure)


_describers: dict[str, Describe] = {RuleKind.CUSTOM_METRIC: _about_group, RuleKind.OWN_HEALTH: _about_measure}
_sources: dict[str, Source] = {
    RuleKind.METRIC: read_metric,
    RuleKind.LATENCY: read_latency,
    RuleKind.ERROR_RATE_RISE: read_rise,
    RuleKind.ISSUE_FREQUENCY: read_issue_events,
    RuleKind.USERS_AFFECTED: read_issue_users,
    RuleKind.ABSENCE: read_absence,
    RuleKind.CUSTOM_METRIC: read_custom,
    RuleKind.OWN_HEALTH: read_own_measure,
}


def add_source(kind: str, source: Source, *, describe: Describe | None = None) -> None:
    """Let `source` measure the rules of `kind`: how a later capability makes its own metrics usable.

    `describe` knows its subjects; without it they are issues, which alerts has had news of.
    """
    _sources[kind] = source
    if describe is not None:
        _describers[kind] = describe


def describer_of(kind: str) -> Describe | None:
    return _describers.get(kind)


def source_of(kind: str) -> Source:
    return _sources[kind]


def measured_kinds() -> list[str]:
    return list(_sources)
