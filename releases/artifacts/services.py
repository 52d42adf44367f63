"""What CI and people do with artifacts: upload, delete. Rights are asked here, the audit is written here."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from releases.artifacts.asked import Draft, TooLarge, faults_in, words_of_bytes
from releases.artifacts.queries import artifacts_of, bytes_of
from releases.models import ReleaseArtifact
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.live import push
from tradewatch.core.lookup import the_one
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Release


@dataclass(frozen=True, slots=True)
class Stored:
    """`is_new` False: the release had it."""

    artifact: ReleaseArtifact
    is_new: bool


@transaction.atomic
def store_artifact(actor: Actor, release: Release, draft: Draft, *, now: datetime) -> Stored:
    """Store a file of a release. The same file again is the same artifact.

    Raises `NotAllowed`, `Invalid` by field, `TooLarge`, and `Conflict` where another file has its name.
    """
    access.require(actor, release.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    if errors := faults_in(draft):
        raise Invalid("bad artifact", errors=errors)
    if len(draft.content) > settings.ARTIFACT_MAX_BYTES:
        raise TooLarge(f"an artifact may have {words_of_bytes(settings.ARTIFACT_MAX_BYTES)}: {draft.name} has more")
    Release.objects.select_for_update().get(pk=release.pk)  # the sum of all that are uploaded at once is bounded too
    if known := artifacts_of([release]).filter(name=draft.name, dist=draft.dist).first():
        return Stored(_same(known, draft), is_new=False)
    if bytes_of(release) + len(draft.content) > settings.RELEASE_ARTIFACTS_MAX_BYTES:
        most = words_of_bytes(settings.RELEASE_ARTIFACTS_MAX_BYTES)
        raise TooLarge(f"the artifacts of a release may have {most} together: delete some of {release.version}")
    row = _insert(release, draft, now=now)
    changes = {"artifact": [None, row.name], "size": [None, row.size]}
    audit.record(actor, "release.artifact.add", release, project_id=release.project_id, changes=changes)
    transaction.on_commit(lambda: push("releases", release.project_id))
    return Stored(row, is_new=True)


@transaction.atomic
def delete_artifact(actor: Actor, artifact_id: int) -> None:
    """Delete a file of a release. Raises `Unknown`, `NotAllowed`."""
    row = the_one(ReleaseArtifact.objects.defer("content").select_related("release"), artifact_id, "artifact")
    project_id = row.release.project_id
    access.require(actor, project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    changes = {"artifact": [row.name, None], "size": [row.size, None]}
    audit.record(actor, "release.artifact.delete", row.release, project_id=project_id, changes=changes)
    row.delete()
    transaction.on_commit(lambda: push("releases", project_id))


def _insert(release: Release, draft: Draft, *, now: datetime) -> ReleaseArtifact:
    return ReleaseArtifact.objects.create(
        release=release,
        name=draft.name,
        dist=draft.dist,
        headers=dict(draft.headers),
        size=len(draft.content),
        sha1=draft.sha1,
        content=draft.content,
        created_at=now,
    )


def _same(known: ReleaseArtifact, draft: Draft) -> ReleaseArtifact:
    if known.sha1 != draft.sha1:
        raise Conflict(f"the release has another file called {known.name}: delete that one first")
    return known
