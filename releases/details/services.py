"""What CI and people do with a release: tell of it, finalise, archive, restore, delete.

Rights are asked here, the audit is written here. Told again in the same way nothing changes.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from releases.details.asked import Told, fault_in_moment, faults_in
from releases.details.queries import why_kept
from releases.models import ReleaseDetail
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.live import push
from tradewatch.core.lookup import the_one
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project, Release
from tradewatch.projects.sightings import see_releases


@dataclass(frozen=True, slots=True)
class Created:
    """`is_new` False: somebody had told of the release before."""

    detail: ReleaseDetail
    is_new: bool


@transaction.atomic
def create_release(actor: Actor, project: Project, told: Told, *, now: datetime) -> Created:
    """Tell of a release, whether or not clients sent anything of it yet. Told again, what is said anew is taken over.

    Raises `NotAllowed`, and `Invalid` by field.
    """
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    if errors := faults_in(told, now=now):
        raise Invalid("bad release", errors=errors)
    release_id = see_releases([(project.pk, told.version)], now=now)[project.pk, told.version].id
    detail, is_new = _detail_of(actor, release_id, now=now)
    if is_new:
        audit.record(actor, "release.create", detail.release, project_id=project.pk)
    _take_over(actor, detail, ref=told.ref, url=told.url)
    if told.finalised_at is not None and detail.finalised_at is None:
        _set(actor, detail, "release.finalise", finalised_at=told.finalised_at)
    _tell(project.pk)
    return Created(detail, is_new)


@transaction.atomic
def finalise_release(actor: Actor, release: Release, *, at: datetime | None = None, now: datetime) -> ReleaseDetail:
    """Say that a release is complete. The first time holds: a job that runs again does not move it."""
    if fault := fault_in_moment(at, now=now):
        raise Invalid("bad release", errors={"finalised_at": [fault]})
    detail = _changing(actor, release, now=now)
    if detail.finalised_at is None:
        _set(actor, detail, "release.finalise", finalised_at=at or now)
    return detail


@transaction.atomic
def reopen_release(actor: Actor, release: Release, *, now: datetime) -> ReleaseDetail:
    """Take back that a release is complete."""
    detail = _changing(actor, release, now=now)
    if detail.finalised_at is not None:
        _set(actor, detail, "release.reopen", finalised_at=None)
    return detail


@transaction.atomic
def archive_release(actor: Actor, release: Release, *, now: datetime) -> ReleaseDetail:
    """Leave a release out of lists, until somebody restores it: what clients of it send does not."""
    detail = _changing(actor, release, now=now)
    if detail.archived_at is None:
        _set(actor, detail, "release.archive", archived_at=now)
    return detail


@transaction.atomic
def restore_release(actor: Actor, release: Release, *, now: datetime) -> ReleaseDetail:
    detail = _changing(actor, release, now=now)
    if detail.archived_at is not None:
        _set(actor, detail, "release.restore", archived_at=None)
    return detail


@transaction.atomic
def change_release(actor: Actor, release: Release, *, ref: str = "", url: str = "", now: datetime) -> ReleaseDetail:
    """Take over a ref and a url that are given; an empty one leaves what is there."""
    if errors := faults_in(Told(release.version, ref, url), now=now):
        raise Invalid("bad release", errors={name: texts for name, texts in errors.items() if name != "version"})
    detail = _changing(actor, release, now=now)
    _take_over(actor, detail, ref=ref, url=url)
    return detail


@transaction.atomic
def delete_release(actor: Actor, release: Release) -> None:
    """Delete a release with its artifacts and the list of its commits. Deployments keep the version as they name it.

    Raises `Conflict` where clients sent anything of it.
    """
    access.require(actor, release.project_id, Role.MANAGER, scope=Scope.RELEASES_WRITE)
    row = the_one(Release.objects.select_for_update(), release.pk, "release")
    if reason := why_kept(row):
        raise Conflict(f"release {row.version} cannot be deleted: {reason}")
    audit.record(actor, "release.delete", row, project_id=row.project_id, changes={"version": [row.version, None]})
    row.delete()
    _tell(release.project_id)


def _changing(actor: Actor, release: Release, *, now: datetime) -> ReleaseDetail:
    access.require(actor, release.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    detail, _ = _detail_of(actor, release.pk, now=now)
    _tell(release.project_id)
    return detail


def _detail_of(actor: Actor, release_id: int, *, now: datetime) -> tuple[ReleaseDetail, bool]:
    """Return the row, locked, made where nobody had told of the release."""
    _, is_new = ReleaseDetail.objects.get_or_create(
        release_id=release_id, defaults={"created_at": now, "created_by": actor.label[:200]}
    )
    locked = ReleaseDetail.objects.select_for_update(of=("self",)).select_related("release__project")
    return locked.get(release_id=release_id), is_new


def _take_over(actor: Actor, detail: ReleaseDetail, **values: str) -> None:
    if news := {name: value for name, value in values.items() if value and value != getattr(detail, name)}:
        _set(actor, detail, "release.change", **news)


def _set(actor: Actor, detail: ReleaseDetail, action: str, **values: str | datetime | None) -> None:
    before = {name: _plain(getattr(detail, name)) for name in values}
    for name, value in values.items():
        setattr(detail, name, value)
    detail.save(update_fields=list(values))
    audit.record(
        actor,
        action,
        detail.release,
        project_id=detail.release.project_id,
        changes={name: [before[name], _plain(value)] for name, value in values.items()},
    )


def _plain(value: str | datetime | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value


def _tell(project_id: int) -> None:
    transaction.on_commit(lambda: push("releases", project_id))
