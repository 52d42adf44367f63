import pytest
from django.test import Client

from releases.artifacts.asked import Draft
from releases.artifacts.services import store_artifact
from releases.details.asked import Told
from releases.details.services import create_release
from releases.models import ReleaseArtifact, ReleaseDetail
from tests.projects.builders import make_project, make_user
from tests.releases.builders import NOW, see
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release
from tradewatch.projects.services import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.once]
DETAILS, ARTIFACTS = "/admin/releases/releasedetail/", "/admin/releases/releaseartifact/"


def make_release(version: str = "oms@2.0.1", project: str = "default") -> Release:
    return create_release(SYSTEM, make_project(project), Told(version), now=NOW).detail.release


def log_in(client: Client, role: Role) -> None:
    user = make_user("mia")
    add_member(SYSTEM, make_project(), user, role)
    client.force_login(user)


def act(client: Client, path: str, name: str, *keys: int) -> str:
    answer = client.post(path, {"action": name, "_selected_action": list(keys)}, follow=True)
    return str(answer.content.decode())


def test_a_responder_finalises_and_archives_from_the_list(client: Client) -> None:
    log_in(client, Role.RESPONDER)
    row = make_release()
    for name, words in (("finalise", "1 finalised"), ("archive", "1 archived"), ("restore", "1 restored")):
        assert words in act(client, DETAILS, name, row.pk)
    detail = ReleaseDetail.objects.get()
    assert detail.finalised_at and not detail.archived_at
    assert "1 reopened" in act(client, DETAILS, "reopen", row.pk)
    assert "needs the role manager" in act(client, DETAILS, "delete_releases", row.pk)
    assert Release.objects.exists()


def test_a_manager_deletes_what_no_client_showed(client: Client) -> None:
    log_in(client, Role.MANAGER)
    row, seen = make_release("1.0"), make_release("2.0")
    see("2.0", at=NOW)
    page = act(client, DETAILS, "delete_releases", row.pk, seen.pk)
    assert "1 deleted" in page and "release 2.0 cannot be deleted" in page
    assert [each.version for each in Release.objects.all()] == ["2.0"]


def test_artifacts_are_read_and_deleted_by_action(client: Client) -> None:
    log_in(client, Role.RESPONDER)
    row = make_release()
    artifact = store_artifact(SYSTEM, row, Draft("~/app.js", b"secret-content"), now=NOW).artifact
    page = client.get(f"{ARTIFACTS}{artifact.pk}/change/").content.decode()
    assert "~/app.js" in page and f"/release/releases/{row.pk}/artifacts/{artifact.pk}" in page
    assert "secret-content" not in page
    assert client.post(f"{ARTIFACTS}{artifact.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "1 deleted" in act(client, ARTIFACTS, "delete_files", artifact.pk)
    assert not ReleaseArtifact.objects.exists()


def test_a_viewer_reads_ones_own_projects_alone(client: Client) -> None:
    log_in(client, Role.VIEWER)
    mine, other = make_release("1.0-mine"), make_release("1.0-theirs", "other")
    for row in (mine, other):
        store_artifact(SYSTEM, row, Draft(f"file-of-{row.version}", b"x"), now=NOW)
    for path in (DETAILS, ARTIFACTS):
        page = client.get(path).content.decode()
        assert "1.0-mine" in page and "1.0-theirs" not in page
    assert client.get(f"{DETAILS}{mine.pk}/change/").status_code == 200
    client.post(f"{DETAILS}{mine.pk}/change/", {"ref": "x", "created_by": "x"})
    assert ReleaseDetail.objects.get(pk=mine.pk).created_by == "TradeWatch"
    act(client, DETAILS, "archive", mine.pk)
    act(client, ARTIFACTS, "delete_files", *ReleaseArtifact.objects.values_list("pk", flat=True))
    assert ReleaseArtifact.objects.count() == 2 and not ReleaseDetail.objects.exclude(archived_at=None).exists()
