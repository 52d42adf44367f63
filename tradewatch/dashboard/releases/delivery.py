"""How we deliver: the four DORA numbers of one environment, over 30 days against the 30 before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.deployments.queries import deployed_environments
from releases.dora.figures import Dora
from releases.dora.queries import Delivery, delivery_of
from tradewatch.core.windows import Window
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.words import percent, plural, span

OVER = timedelta(days=30)
NO_DATA = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` empty: no data. `counts`: what it was made of; `before`: the same a window ago, empty without data."""

    name: str
    value: str
    counts: str
    before: str


def delivery_shown(scope: Scope, *, now: datetime) -> tuple[str, tuple[Figure, ...]]:
    """Return the environment and its figures: the chosen one, else production, else the first. Empty: none has any."""
    if scope.project is None:
        return "", ()
    names = deployed_environments(scope.project.pk)
    environment = scope.environment or ("production" if "production" in names else next(iter(names), ""))
    if environment not in names:
        return "", ()
    return environment, figures_of(delivery_of(scope.project.pk, environment, Window(now - OVER, now)))


def figures_of(found: Delivery) -> tuple[Figure, ...]:
    now, before = found.now, found.before
    return (
        Figure("Deployment frequency", _weekly(now), _deployments(now), _weekly(before)),
        Figure(
            "Lead time",
            _time(now.lead_seconds),
            f"median of {plural(now.commits, 'commit')}",
            _time(before.lead_seconds),
        ),
        Figure("Change fail rate", _share(now), f"{now.failed} / {now.deployments}", _share(before)),
        Figure("Time to restore", _time(now.restore_seconds), _incidents(now), _time(before.restore_seconds)),
    )


def _weekly(found: Dora) -> str:
    return NO_DATA if found.per_week is None else f"{found.per_week:.1f} a week"


def _deployments(found: Dora) -> str:
    back = f", and {found.restoring} that took another back" if found.restoring else ""
    return f"{found.deployments} in 30 days{back}"


def _share(found: Dora) -> str:
    return NO_DATA if found.change_fail_rate is None else percent(found.change_fail_rate)


def _incidents(found: Dora) -> str:
    still = f", {found.open_incidents} open" if found.open_incidents else ""
    return f"median of {plural(found.incidents, 'incident')}{still}"


def _time(seconds: float | None) -> str:
    return NO_DATA if seconds is None else span(timedelta(seconds=seconds))
