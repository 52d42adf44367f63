"""Names deployments by the events that come: those without a version, and those whose version was a guess."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from releases.choices import DeploymentState, VersionSource
from releases.models import Deployment
from tradewatch.core.live import push
from tradewatch.projects.sightings import newest_release_in

# How long after its end a deployment may still be named: until then its processes have reported, or never will soon.
NAMED_WITHIN = timedelta(hours=1)
_UNSURE = (VersionSource.SEEN, VersionSource.UNKNOWN)


def name_deployments(now: datetime) -> int:
    """Name what events name by now, and return how many that were."""
    is_fresh = Q(finished_at=None) | Q(finished_at__gte=now - NAMED_WITHIN)
    waits = Q(version_source=VersionSource.UNKNOWN) & ~Q(state=DeploymentState.ABANDONED)
    unsure = Deployment.objects.filter(is_fresh | waits, version_source__in=_UNSURE).order_by("started_at", "id")
    return sum(_name(pk, now=now) for pk in unsure.values_list("pk", flat=True)[:200])


def name_by_events(row: Deployment, *, now: datetime) -> bool:
    """Give the deployment the newest release that was first met in its environment since it started.

    Of one without any version the newest release met there at all is better than none. Returns whether it was named.
    """
    if row.version_source not in _UNSURE or _is_followed(row):
        return False
    version = newest_release_in(row.project_id, row.environment, first_seen_since=row.started_at)
    source = VersionSource.EVENT
    if not version and row.version_source == VersionSource.UNKNOWN:
        version, source = newest_release_in(row.project_id, row.environment), VersionSource.SEEN
    return bool(version) and _write(row, version, source)


@transaction.atomic
def _name(deployment_id: int, *, now: datetime) -> bool:
    row = Deployment.objects.select_for_update().filter(pk=deployment_id, version_source__in=_UNSURE).first()
    return row is not None and name_by_events(row, now=now)


def _is_followed(row: Deployment) -> bool:
    """Return whether a later deployment of the environment has begun: what is new there now may be its release."""
    return Deployment.objects.filter(
        Q(started_at__gt=row.started_at) | Q(started_at=row.started_at, pk__gt=row.pk),
        project=row.project_id,
        environment=row.environment,
    ).exists()


def _write(row: Deployment, version: str, source: VersionSource) -> bool:
    before = row.version, row.version_source
    row.version, row.version_source = version, source
    try:
        with transaction.atomic():
            row.save(update_fields=["version", "version_source"])
            transaction.on_commit(lambda: push("releases", row.project_id))
    except IntegrityError:  # another one in progress has that name: this one keeps what it had
        row.version, row.version_source = before
        return False
    return True
