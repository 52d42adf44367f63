"""How the SLA targets stand that count an environment."""

from collections.abc import Sequence
from datetime import datetime

from releases.gate.values import BudgetFact
from sla.burning.steps import LEAST_BAD, firing_pair
from sla.choices import Indicator
from sla.figures.reading import burnt, judged
from sla.figures.values import Burning, Judged
from sla.models import Target, TargetVersion
from sla.queries import newest_versions, targets_of

# They count what deployments and people do: a budget of theirs that is gone is no reason to hold a repair back.
NOT_OF_SERVICE = (Indicator.DEPLOYMENT, Indicator.ALERT_RESPONSE)


def budgets_of(project_id: int, environment: str, now: datetime) -> list[BudgetFact]:
    """Return the targets of the environment and those over all environments, by name."""
    targets = list(targets_of([project_id]))
    versions = newest_versions(targets)
    counting = [each for each in targets if each.pk in versions and versions[each.pk].environment in ("", environment)]
    figures, burns = judged(counting, now), burnt(counting, now)
    return [_fact(each, versions[each.pk], figures[each.pk], burns[each.pk].burning, now) for each in counting]


def _fact(
    target: Target, version: TargetVersion, figures: Judged, burning: Sequence[Burning], now: datetime
) -> BudgetFact:
    adjusted, firing = figures.adjusted, firing_pair(burning)
    remaining = adjusted.remaining
    return BudgetFact(
        target_id=target.pk,
        name=target.metric_name,
        environment=version.environment,
        remaining=None if remaining is None else float(remaining),
        is_spent=bool(adjusted.sums.bad) and (remaining is None or remaining <= 0),
        has_enough=adjusted.sums.received_bad >= LEAST_BAD and adjusted.sums.received >= version.least_events,
        burn=firing.pair.severity if firing else "",
        burn_rate=float(burning[0].long_burn) if burning and burning[0].long_burn is not None else None,
        coverage=None if adjusted.coverage is None else float(adjusted.coverage),
        is_of_service=version.indicator not in NOT_OF_SERVICE,
        read_at=now,
    )
