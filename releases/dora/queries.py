"""Reads what the four numbers are made of: deployments, commits of their versions, alerts and rollbacks of theirs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Q

from alerts.models import Alert
from releases.choices import DeploymentState, RollbackState
from releases.deployments.queries import deployments_of, went_out
from releases.dora.figures import Committed, Dora, Ended, Incident, dora, incident_of
from releases.models import Deployment, ReleaseCommit, Rollback
from tradewatch.core.windows import Window
from tradewatch.projects.models import Release

COMPLETED = (DeploymentState.SUCCEEDED, DeploymentState.FAILED, DeploymentState.ROLLED_BACK)
_CAUSED = "deployment:"  # how keys of alerts about deployments begin: see `releases.verdicts.telling`
_AT_ONCE = 500
_NOT_OUT = (RollbackState.REQUESTED, RollbackState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An environment's numbers over a window, and over the one before it."""

    environment: str
    window: Window
    now: Dora
    before: Dora


def delivery_of(project_id: int, environment: str, window: Window) -> Delivery:
    both = Window(window.previous.start, window.end)
    ended = _ended(project_id, environment, both)
    commits = list(_committed(project_id, environment, both))
    incidents = _incidents(project_id, environment, both)
    since = deployments_of([project_id], environment).filter(state__in=COMPLETED).aggregate(at=Min("finished_at"))["at"]
    now, before = (dora(each, ended, commits, incidents, since=since) for each in (window, window.previous))
    return Delivery(environment, window, now, before)


def _ended(project_id: int, environment: str, window: Window) -> list[Ended]:
    restores = Rollback.objects.filter(restoring=OuterRef("pk")).exclude(state__in=_NOT_OUT)
    rows = Deployment.objects.filter(
        project=project_id,
        environment=environment,
        state__in=COMPLETED,
        finished_at__gte=window.start,
        finished_at__lt=window.end,
    )
    found = rows.annotate(restores_one=Exists(restores)).values_list("finished_at", "state", "restores_one")
    return [Ended(at, state, restores=restores_one) for at, state, restores_one in found if at]


def _committed(project_id: int, environment: str, window: Window) -> Iterator[Committed]:
    """Yield the commits of versions that first went out within the window, each with all that brought it."""
    rows = went_out([project_id], environment).exclude(version="").order_by()
    first_out = dict(rows.values_list("version").annotate(Min("finished_at")))
    out_at = dict(_releases_out(project_id, first_out))
    new = [pk for pk, at in out_at.items() if window.start <= at < window.end]
    in_new = {pk for part in _parts(new) for pk in _commits_in(part)}
    brought: defaultdict[tuple[int, datetime | None], list[datetime]] = defaultdict(list)
    for part in _parts(sorted(in_new)):
        members = ReleaseCommit.objects.filter(commit__in=part)
        for pk, at, release_id in members.values_list("commit_id", "commit__committed_at", "release_id"):
            if release_id in out_at:
                brought[pk, at].append(out_at[release_id])
    yield from (Committed(at, tuple(moments)) for (_, at), moments in brought.items())


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield them in parts that a database plans well: it takes minutes over a list of a hundred thousand."""
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _commits_in(release_ids: Sequence[int]) -> Iterable[int]:
    return ReleaseCommit.objects.filter(release__in=release_ids).values_list("commit_id", flat=True)


def _releases_out(project_id: int, first_out: Mapping[str, datetime]) -> Iterator[tuple[int, datetime]]:
    """Yield (release id, when its version first went out), also where the deployment leaves its package out."""
    for pk, version in Release.objects.filter(project=project_id).values_list("pk", "version").iterator():
        at = first_out.get(version) or first_out.get(version.rpartition("@")[2])
        if at:
            yield pk, at


def _incidents(project_id: int, environment: str, window: Window) -> list[Incident]:
    """Return what deployments caused, one incident each, that was not over before the window began."""
    noticed: defaultdict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    alerts = Alert.objects.filter(
        Q(resolved_at=None) | Q(resolved_at__gte=window.start),
        project=project_id,
        environment=environment,
        dedup_key__startswith=_CAUSED,
        starts_at__lt=window.end,
    )
    for key, began, ended in alerts.values_list("dedup_key", "starts_at", "resolved_at"):
        noticed[int(key.split(":")[1])].append((began, ended))
    taken_back = _taken_back(project_id, environment, window)
    each = (incident_of(noticed[pk], taken_back.get(pk, {})) for pk in {*noticed, *taken_back})
    return [incident for incident in each if incident is not None]


def _taken_back(project_id: int, environment: str, window: Window) -> dict[int, dict[datetime, datetime | None]]:
    rows = Rollback.objects.filter(
        Q(deployed_at=None) | Q(deployed_at__gte=window.start),
        deployment__project=project_id,
        deployment__environment=environment,
        deployment__finished_at__lt=window.end,
    ).exclude(state=RollbackState.WITHDRAWN)
    found = rows.values_list("deployment", "deployment__finished_at", "deployed_at")
    return {pk: {finished_at: deployed_at} for pk, finished_at, deployed_at in found if finished_at}
