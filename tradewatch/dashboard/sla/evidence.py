"""What else is known of bad minutes: the issues that had events in them, the traces kept of them, the alerts then."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from alerts.models import Alert
from sla.choices import Indicator
from sla.costs.grid import Grid
from sla.costs.issues import events_by_issue, knows_issues
from sla.costs.releases import FAILURES, TIMES
from sla.costs.splitting import Slot
from sla.minutes.values import UNIT
from sla.models import TargetVersion
from tradewatch.dashboard.sla.stretches import MINUTE, Stretch
from tradewatch.errors.models import Issue
from tradewatch.metrics.models import Resolution
from tradewatch.performance.models import KeptTransaction

ISSUES_A_MINUTE, TRACES_A_MINUTE, ALERTS_SHOWN = 3, 2, 3
MOST_TRACES, MOST_ALERTS = 600, 100


@dataclass(frozen=True, slots=True)
class IssueEvents:
    issue: Issue
    events: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """{start of the minute: what is known of it}; an alert stands at each minute in which it was open."""

    issues: dict[int, list[IssueEvents]]
    traces: dict[int, list[KeptTransaction]]
    alerts: dict[int, list[Alert]]

    def issues_of(self, minutes: Collection[int]) -> list[IssueEvents]:
        """Return the issues of some minutes together, the loudest first."""
        sums: dict[int, int] = {}
        known: dict[int, Issue] = {}
        for at in minutes:
            for each in self.issues.get(at, ()):
                known[each.issue.pk] = each.issue
                sums[each.issue.pk] = sums.get(each.issue.pk, 0) + each.events
        return [IssueEvents(known[pk], sums[pk]) for pk in sorted(sums, key=lambda pk: (-sums[pk], pk))]

    def alerts_of(self, minutes: Collection[int]) -> list[Alert]:
        found = {alert.pk: alert for at in minutes for alert in self.alerts.get(at, ())}
        return [found[pk] for pk in sorted(found)]


def evidence_of(version: TargetVersion, stretches: Sequence[Stretch]) -> Evidence:
    """Read what is known of the stretches' minutes, in one query a kind and bounded by what a page shows."""
    minutes = sorted({minute.at for each in stretches for minute in each.minutes})
    if not minutes:
        return Evidence({}, {}, {})
    return Evidence(_issues(version, minutes), _traces(version, stretches), _alerts(version, stretches, minutes))


def _issues(version: TargetVersion, minutes: Sequence[int]) -> dict[int, list[IssueEvents]]:
    if not knows_issues(version.indicator):
        return {}
    slots = [Slot(at, at + MINUTE, UNIT, UNIT) for at in minutes]
    events = events_by_issue(version.measure, Grid(slots, Resolution.MINUTE))
    issues = Issue.objects.in_bulk({pk for here in events.values() for pk in here})
    return {
        at: [
            IssueEvents(issues[pk], here[pk] // UNIT)
            for pk in sorted(here, key=lambda pk: (-here[pk], pk))
            if pk in issues
        ]
        for at, here in events.items()
    }


def _traces(version: TargetVersion, stretches: Sequence[Stretch]) -> dict[int, list[KeptTransaction]]:
    """Return the kept transactions that were bad themselves, the slowest of a minute first."""
    if version.indicator in FAILURES:
        bad = Q(is_failed=True)
    elif version.indicator in TIMES:
        bad = Q(seconds__gt=float(version.measure.definition["threshold_seconds"]))
    else:
        return {}
    rows = KeptTransaction.objects.filter(_within(stretches, "started_at"), bad, project=_project_id(version))
    rows = rows.exclude(trace_id="")
    if version.environment:
        rows = rows.filter(environment=version.environment)
    if name := version.definition.get("transaction"):
        rows = rows.filter(name=name)
    found: defaultdict[int, list[KeptTransaction]] = defaultdict(list)
    for row in rows.order_by("-seconds", "pk")[:MOST_TRACES]:
        here = found[_minute_of(row.started_at)]
        if len(here) < TRACES_A_MINUTE:
            here.append(row)
    return dict(found)


def _alerts(version: TargetVersion, stretches: Sequence[Stretch], minutes: Sequence[int]) -> dict[int, list[Alert]]:
    open_then = Q()
    for each in stretches:
        still_open = Q(resolved_at=None) | Q(resolved_at__gt=_moment(each.start))
        open_then |= Q(starts_at__lt=_moment(each.end)) & still_open
    rows = Alert.objects.filter(open_then, project=_project_id(version), simulated="")
    if version.environment:
        rows = rows.filter(environment__in=("", version.environment))
    alerts = list(rows.order_by("-starts_at")[:MOST_ALERTS])
    found = {at: [each for each in alerts if _was_open(each, at)][:ALERTS_SHOWN] for at in minutes}
    return {at: here for at, here in found.items() if here}


def _was_open(alert: Alert, at: int) -> bool:
    ended = alert.resolved_at is not None and alert.resolved_at.timestamp() <= at
    return alert.starts_at.timestamp() < at + MINUTE and not ended


def _within(stretches: Sequence[Stretch], field: str) -> Q:
    found = Q()
    for each in stretches:
        found |= Q(**{f"{field}__gte": _moment(each.start), f"{field}__lt": _moment(each.end)})
    return found


def _project_id(version: TargetVersion) -> int:
    return version.measure.project_id


def _minute_of(at: datetime) -> int:
    return int(at.timestamp()) // MINUTE * MINUTE


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def explains(indicator: str) -> str:
    """Return why a minute of this indicator has neither issue nor trace; empty where it may have."""
    if indicator in FAILURES or indicator in TIMES or indicator == Indicator.CRASH_FREE:
        return ""
    return "Of what this target counts, neither issues nor traces are known: the alerts of the time stand beside."
