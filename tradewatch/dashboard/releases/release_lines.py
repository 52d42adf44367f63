"""The lines of the table of releases: each with its verdicts, its health beside the release before, issues, commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from releases.deployments.queries import deployments_of
from releases.health.figures import Health
from releases.health.queries import ADOPTION_OVER, health_of
from releases.models import Deployment, ReleaseCommit
from releases.queries import IssueCounts, issue_counts, places_of, releases_of
from tradewatch.core.windows import Window
from tradewatch.dashboard.releases.budgets import Spent
from tradewatch.projects.models import Release
from tradewatch.projects.releases import package_of

LOOKED_BACK = 20  # releases past the page, among which those before its last ones are looked for
DEPLOYMENTS_READ = 1000
WORTH_A_WORD = 0.1  # points of crash-free sessions: less than that is noise


@dataclass(frozen=True, slots=True)
class Change:
    """Of crash-free sessions against `than`, in points: 99.93% after 98.61% is 1.32."""

    points: float
    than: str

    @property
    def words(self) -> str:
        size = f"{abs(self.points):.2f}"
        return size if size == "0.00" else f"{'▲' if self.points > 0 else '▼'} {size}"

    @property
    def is_bad(self) -> bool:
        return self.points <= -WORTH_A_WORD


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """`deployments`: the last one of it to each environment. `change` None: there is nothing to compare it with."""

    row: Release
    places: Sequence[str]
    deployments: Sequence[Deployment]
    health: Health
    change: Change | None
    issues: IssueCounts
    commits: int
    spent: Spent | None = None


def release_lines(
    rows: Sequence[Release], environment: str | None, *, now: datetime, spent: Mapping[str, Spent] | None = None
) -> list[ReleaseLine]:
    """Return a line for each release of the page; `rows` as the page has them, the one first seen last first.

    `spent`: {version: what it spent of budgets}, where the page is about one project.
    """
    before = releases_before([*rows, *_further(rows, environment)])
    places, issues, commits = places_of(rows), issue_counts([row.pk for row in rows]), _commit_counts(rows)
    health = _health([*rows, *before.values()], environment, now=now)
    deployed = last_deployments(rows, environment)
    return [
        ReleaseLine(
            row=row,
            places=places[row.pk],
            deployments=deployed.get(row.pk, ()),
            health=health[row.pk],
            change=change_of(health[row.pk], before.get(row.pk), health),
            issues=issues[row.pk],
            commits=commits.get(row.pk, 0),
            spent=spent.get(row.version) if spent else None,
        )
        for row in rows
    ]


def releases_before(rows: Sequence[Release]) -> Mapping[int, Release]:
    """Return {release id: the one first seen before it, of the same package and project}, of the newest first."""
    found: dict[int, Release] = {}
    later: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        waiting = later.setdefault((row.project_id, package_of(row.version)), [])
        found |= dict.fromkeys(waiting, row)
        waiting[:] = [row.pk]
    return found


def change_of(own: Health, before: Release | None, health: Mapping[int, Health]) -> Change | None:
    older = health[before.pk].crash_free_sessions if before else None
    if before is None or older is None or own.crash_free_sessions is None:
        return None
    return Change((own.crash_free_sessions - older) * 100, before.version)


def last_deployments(rows: Sequence[Release], environment: str | None = None) -> Mapping[int, list[Deployment]]:
    """Return {release id: its last deployment to each environment, by its name}, also those without its package."""
    ids: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        for name in {row.version, row.version.rpartition("@")[2]} - {""}:
            ids.setdefault((row.project_id, name), []).append(row.pk)
    found: dict[int, dict[str, Deployment]] = {}
    named = deployments_of([*{project for project, _ in ids}], environment).filter(
        version__in={name for _, name in ids}
    )
    for deployment in named.order_by("-started_at", "-id")[:DEPLOYMENTS_READ]:
        for pk in ids.get((deployment.project_id, deployment.version), ()):
            found.setdefault(pk, {}).setdefault(deployment.environment, deployment)
    return {pk: [places[name] for name in sorted(places)] for pk, places in found.items()}


def deployments_of_version(project_id: int, version: str) -> list[Deployment]:
    """Return the last deployment of a version to each environment, by its name."""
    return next(iter(last_deployments([Release(pk=0, project_id=project_id, version=version)]).values()), [])


def _further(rows: Sequence[Release], environment: str | None) -> list[Release]:
    if not rows:
        return []
    older = releases_of([*{row.project_id for row in rows}], environment)
    older = older.filter(first_seen_at__lte=rows[-1].first_seen_at).exclude(pk__in=[row.pk for row in rows])
    return list(older.order_by("-first_seen_at", "-id")[:LOOKED_BACK])


def _health(rows: Sequence[Release], environment: str | None, *, now: datetime) -> dict[int, Health]:
    window = Window(now - ADOPTION_OVER, now)
    health: dict[int, Health] = {}
    for project_id in {row.project_id for row in rows}:
        own = [row.pk for row in rows if row.project_id == project_id]
        health.update(health_of(project_id, own, window, environment))
    return health


def _commit_counts(rows: Sequence[Release]) -> dict[int, int]:
    counted = ReleaseCommit.objects.filter(release__in=[row.pk for row in rows])
    return dict(counted.order_by().values_list("release").annotate(Count("pk")))
