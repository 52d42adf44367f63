from typing import Any

import pytest

from releases.artifacts.asked import Draft, TooLarge
from releases.artifacts.services import delete_artifact, store_artifact
from releases.details.asked import Told
from releases.details.services import create_release, delete_release
from releases.models import ReleaseArtifact
from tests.projects.builders import make_project, make_user
from tests.releases.builders import NOW
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed, Unknown
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db


def make_release(version: str = "1.0") -> Release:
    return create_release(SYSTEM, make_project(), Told(version), now=NOW).detail.release


def store(release: Release, name: str = "~/app.js", content: bytes = b"abc", dist: str = "") -> Any:
    return store_artifact(SYSTEM, release, Draft(name, content, dist, {"Sourcemap": "app.js.map"}), now=NOW)


def test_a_file_is_stored_once() -> None:
    release = make_release()
    first, again = store(release), store(release)
    assert (first.is_new, again.is_new, again.artifact.pk) == (True, False, first.artifact.pk)
    row = ReleaseArtifact.objects.get()
    assert (bytes(row.content), row.size, row.headers) == (b"abc", 3, {"Sourcemap": "app.js.map"})
    assert row.sha1 == "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert store(release, dist="d1").is_new
    with pytest.raises(Conflict, match=r"has another file called ~/app\.js"):
        store(release, content=b"xyz")
    assert AuditEntry.objects.filter(action="release.artifact.add").count() == 2


def test_one_and_all_are_bounded(settings: Any) -> None:
    settings.ARTIFACT_MAX_BYTES, settings.RELEASE_ARTIFACTS_MAX_BYTES = 10, 25
    release, other = make_release(), make_release("2.0")
    with pytest.raises(TooLarge, match="an artifact may have 10 bytes: b has more"):
        store(release, "b", b"x" * 11)
    store(release, "a", b"x" * 10)
    store(release, "b", b"x" * 10)
    with pytest.raises(TooLarge, match="the artifacts of a release may have 25 bytes together"):
        store(release, "c", b"x" * 6)
    assert store(release, "c", b"x" * 5).is_new and store(other, "c", b"x" * 10).is_new


def test_files_go_with_their_release() -> None:
    release = make_release()
    row = store(release).artifact
    delete_artifact(SYSTEM, row.pk)
    assert not ReleaseArtifact.objects.exists()
    assert AuditEntry.objects.get(action="release.artifact.delete").changes["artifact"] == ["~/app.js", None]
    with pytest.raises(Unknown):
        delete_artifact(SYSTEM, row.pk)
    store(release)
    delete_release(SYSTEM, release)
    assert not ReleaseArtifact.objects.exists()


def test_who_may() -> None:
    release = make_release()
    row = store(release).artifact
    viewer = make_user("vic", role=Role.VIEWER)
    actor = Actor("user", viewer.pk, "vic")
    with pytest.raises(NotAllowed):
        store_artifact(actor, release, Draft("x", b""), now=NOW)
    with pytest.raises(NotAllowed):
        delete_artifact(actor, row.pk)
    with pytest.raises(Invalid):
        store(release, "a\x00")
