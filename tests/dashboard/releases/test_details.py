from typing import Any

import pytest
from django.test import Client

from releases.artifacts.asked import Draft
from releases.artifacts.services import store_artifact
from releases.details.asked import Told
from releases.details.services import archive_release, create_release
from releases.models import ReleaseDetail
from tests.projects.builders import make_project, make_user
from tests.releases.builders import NOW, see
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def make_release(version: str = "oms@2.0.1", **fields: Any) -> Release:
    project = fields.pop("project", None) or make_project()
    return create_release(SYSTEM, project, Told(version, **fields), now=NOW).detail.release


def log_in(client: Client, role: Role) -> None:
    client.force_login(make_user("mia", role=role))


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def act(client: Client, row: Release, name: str) -> Any:
    return client.post(f"/dashboard/actions/releases/{row.pk}/{name}", headers={"Accept": "application/json"}).json()


def test_the_page_says_what_was_told_and_has_the_artifacts(client: Client) -> None:
    log_in(client, Role.VIEWER)
    row = make_release(ref="main<b>", url="https://ci.example/8812")
    artifact = store_artifact(SYSTEM, row, Draft("~/<i>app.js", b"x" * 2048, "d1"), now=NOW).artifact
    page = read(client, f"/releases/{row.pk}")
    assert "not yet" in page and "TradeWatch, " in page and "main&lt;b&gt;" in page
    assert 'href="https://ci.example/8812"' in page and "~/&lt;i&gt;app.js" in page and "2.0 kB" in page
    path = f"/release/releases/{row.pk}/artifacts/{artifact.pk}"
    assert f'href="{path}" download' in page
    assert client.get(path).content == b"x" * 2048
    assert "/dashboard/actions/releases/" not in page  # a viewer has no buttons


def test_a_release_that_clients_showed_says_so(client: Client) -> None:
    log_in(client, Role.VIEWER)
    see("1.0", at=NOW)
    assert "Nobody finalised it or said where it is from" in read(client, f"/releases/{Release.objects.get().pk}")


def test_each_button_is_taken_back_by_its_undo(client: Client) -> None:
    log_in(client, Role.RESPONDER)
    row = make_release()
    for name, undo, words in (("finalise", "reopen", "Finalised"), ("archive", "restore", "Archived")):
        assert f"/dashboard/actions/releases/{row.pk}/{name}" in read(client, f"/releases/{row.pk}")
        done = act(client, row, name)
        assert done == {"text": f"{words}: oms@2.0.1", "undo": done["undo"], "failed": False}
        assert done["undo"].endswith(f"/{row.pk}/{undo}")
        assert f"/dashboard/actions/releases/{row.pk}/{name}" not in read(client, f"/releases/{row.pk}")
        client.post(done["undo"])
    detail = ReleaseDetail.objects.get()
    assert (detail.finalised_at, detail.archived_at) == (None, None)


def test_a_viewer_and_a_stranger_may_not(client: Client) -> None:
    log_in(client, Role.VIEWER)
    row, other = make_release(), make_release("9", project=make_project("other"))
    assert act(client, row, "archive")["failed"]
    assert client.post(f"/dashboard/actions/releases/{other.pk}/archive").status_code == 404
    assert client.post(f"/dashboard/actions/releases/{row.pk}/explode").status_code == 404
    assert client.get(f"/dashboard/actions/releases/{row.pk}/archive").status_code == 405
    assert not ReleaseDetail.objects.exclude(archived_at=None).exists()


def test_archived_releases_have_a_list_of_their_own(client: Client) -> None:
    log_in(client, Role.VIEWER)
    make_release("1.0.0-kept")
    row = make_release("0.9.0-old")
    archive_release(SYSTEM, row, now=NOW)
    shown, archived = read(client, "/releases"), read(client, "/releases?archived=true")
    assert "1.0.0-kept" in shown and "0.9.0-old" not in shown and 'href="/releases?archived=true"' in shown
    assert "0.9.0-old" in archived and "1.0.0-kept" not in archived and ">Archived</span>" in archived
    assert ">Archived</span>" in read(client, f"/releases/{row.pk}")
    empty = read(client, "/releases?archived=true&project=default&environment=staging")
    assert "No archived release" in empty


def test_the_pages_of_archived_releases_lead_on(client: Client) -> None:
    log_in(client, Role.VIEWER)
    for number in range(32):
        archive_release(SYSTEM, make_release(f"1.0.{number}"), now=NOW)
    page = read(client, "/releases?archived=true")
    [older] = {part.split('"')[0] for part in page.split('href="')[1:] if "cursor=" in part.split('"')[0]}
    second = read(client, older.replace("&amp;", "&"))
    assert second.count('class="lead"') == 2 and 'href="/releases?archived=true"' in second
