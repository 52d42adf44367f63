"""The pages of notes and of a comparison, as HTML."""

from datetime import datetime
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.releases.test_pages import text
from tests.projects.builders import make_project, make_user
from tests.releases.builders import make_deployment, see
from tests.releases.commits.builders import draft, make_release
from tests.releases.comparing.traffic import tell
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture(autouse=True)
def mia(client: Client) -> None:
    client.force_login(make_user("mia", role=Role.RESPONDER))


def test_notes_can_be_read_and_copied(client: Client, now: datetime) -> None:
    tell(now)
    release = Release.objects.get(version="2.0.1")
    found = text(client, f"/releases/{release.pk}/notes")
    for said in (
        "Notes of 2.0.1",
        "Since 2.0.0 in production: 2 commits by 1 person",
        "Breaking changes",
        "limits moved",
        "#12",
    ):
        assert said in found, said
    html = client.get(f"/releases/{release.pk}/notes").content.decode()
    copied = unescape(html.split('<pre id="notes-markdown" hidden>')[1].split("</pre>")[0])
    link = unescape(html.split('">Markdown</a>')[0].rsplit('href="', 1)[1])
    assert copied == client.get(link).content.decode()
    assert client.get(link.replace("markdown", "html")).content.startswith(b"<!doctype html>")
    assert "Compare" in found and "MarginCheckError" in found


def test_notes_since_another_version_and_without_commits(client: Client, now: datetime) -> None:
    tell(now)
    see("9.9", at=now)
    empty = Release.objects.get(version="9.9")
    assert "No commit is known" in text(client, f"/releases/{empty.pk}/notes")
    release = Release.objects.get(version="2.0.1")
    assert "All commits known of it" in text(client, f"/releases/{release.pk}/notes?environment=staging")
    assert client.get(f"/releases/{release.pk}/notes?previous=nothing").status_code == 400
    assert client.get("/releases/999999/notes").status_code == 404


def test_two_releases_side_by_side(client: Client, now: datetime) -> None:
    told = tell(now)
    found = text(client, "/releases/compare?from=2.0.0&to=2.0.1")
    for said in (
        "2.0.0 and 2.0.1", "2 commits", "99%", "80%", "20 of 100 crashed", "40 of 400 requests", "POST /orders",
        "Fails more", "margin per desk", "MarginCheckError", "Gone", "Mara Lindqvist", "Until", "now", "Swap",
    ):  # fmt: skip
        assert said in found, said
    html = client.get("/releases/compare?from=2.0.0&to=2.0.1").content.decode()
    assert 'href="/releases/compare?from=2.0.1&amp;to=2.0.0"' in html
    assert f'href="/releases/deployments/{told.newer.pk}"' in html and f'href="/issues/{told.new.pk}"' in html
    turned = text(client, "/releases/compare?from=2.0.1&to=2.0.0")
    assert "2.0.0 is the older one" in turned and "2.0.1 has 2 commits that it has not" in turned


def test_release_and_deployment_lead_there(client: Client, now: datetime) -> None:
    told = tell(now)
    release = Release.objects.get(version="2.0.1")
    for path in (f"/releases/{release.pk}", f"/releases/deployments/{told.newer.pk}"):
        html = client.get(path).content.decode()
        assert "Compare 2.0.0…2.0.1" in html and f"/releases/{release.pk}/notes" in html
        link = unescape(html.split('" title="Compare')[0].rsplit('href="', 1)[1])
        assert "2.0.0 and 2.0.1" in text(client, link)
    first = client.get(f"/releases/deployments/{told.older.pk}").content.decode()
    assert "Compare " not in first.split("<main")[1]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 200, "Choose two versions"),
        ("?from=2.0.0", 200, "Choose two versions"),
        ("?from=2.0.0&to=2.0.0", 400, "is the same version"),
        ("?from=2.0.0&to=9.9", 400, "nothing is known of it"),
        ("?from=../x&to=2.0.1", 400, "must not contain / or"),
        ("?from=2.0.0&to=a%1bb", 400, "must not contain control"),
    ],
)
def test_the_form_says_what_is_missing(client: Client, now: datetime, query: str, status: int, said: str) -> None:
    tell(now)
    answer = client.get(f"/releases/compare{query}")
    assert answer.status_code == status
    html = answer.content.decode()
    assert said in html and '<option value="api@2.0.1">' in html and '<option value="2.0.0">' in html


def test_an_empty_install_and_several_projects(client: Client) -> None:
    assert "No release yet" in text(client, "/releases/compare")
    make_user("root", is_superuser=True)
    make_project("other")
    client.force_login(make_user("boss", is_superuser=True))
    assert "Two releases of one project are compared" in text(client, "/releases/compare?from=1&to=2")


def test_what_another_project_has_is_not_shown(client: Client) -> None:
    make_release("5.0", draft("z"), project=make_project("other"))
    assert client.get("/releases/compare?from=5.0&to=6.0").status_code == 400
    assert client.get("/releases/compare?from=5.0&to=6.0&project=other").status_code == 404
    assert client.get(f"/releases/{Release.objects.get().pk}/notes").status_code == 404


def test_hostile_names_are_shown_as_text(client: Client, now: datetime) -> None:
    fields = {"message": f"feat: {HOSTILE}", "author_name": HOSTILE}
    make_release(HOSTILE.replace("/", ""), draft("b", "a", **fields))
    make_release("1.0", draft("a", **fields))
    make_deployment("1.0", started_at=now)
    release = Release.objects.exclude(version="1.0").get()
    for path in (
        f"/releases/{release.pk}/notes",
        "/releases/compare?from=1.0&to=" + release.version.replace("&", "%26"),
    ):
        answer = client.get(path)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "<script>alert" not in html and "<img src=x" not in html and "&lt;script&gt;" in html
