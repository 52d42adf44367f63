from typing import Any

import pytest
from django.test import Client

from releases.commits.storing import store_commits
from releases.models import Repository
from tests.projects.builders import make_project, make_user
from tests.releases.builders import NOW
from tests.releases.commits.builders import draft, make_repository, sha_of
from tests.releases.git.repositories import Repo
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
LIST, COMMITS = "/admin/releases/repository/", "/admin/releases/commit/"


def log_in(client: Client, role: Role) -> None:
    user = make_user("mia")
    add_member(SYSTEM, make_project(), user, role)
    client.force_login(user)


def add(client: Client, **values: Any) -> Any:
    said = {"project": make_project().pk, "name": "acme/api", "url": "", "host": "", "path": "", **values}
    return client.post(f"{LIST}add/", said)


def read_now(client: Client, row: Repository) -> str:
    body = {"action": "read_now", "_selected_action": [row.pk]}
    return client.post(LIST, body, follow=True).content.decode()


def test_a_manager_sets_up_a_repository_and_has_it_read(client: Client, repo: Repo) -> None:
    log_in(client, Role.MANAGER)
    repo.commit("feat: one")
    assert add(client, url="git@gitlab.com:acme/api.git", path=str(repo.path)).status_code == 302
    row = Repository.objects.get()
    assert (row.url, row.host, row.path) == ("https://gitlab.com/acme/api", "gitlab", str(repo.path))
    assert "will be read within half a minute" in read_now(client, row)
    row.refresh_from_db()
    assert row.read_asked_at is not None
    actions = (
        AuditEntry.objects.filter(object_type="releases.repository").order_by("id").values_list("action", flat=True)
    )
    assert list(actions) == ["rule.create", "repository.read"]
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "read fault" in page.lower()


def test_one_that_is_not_on_disk_is_not_read(client: Client) -> None:
    log_in(client, Role.MANAGER)
    row = make_repository()
    assert "no path" in read_now(client, row)
    row.refresh_from_db()
    assert row.read_asked_at is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"path": "/etc"}, "path"),
        ({"path": "../../etc"}, "path"),
        ({"path": "--upload-pack=touch /tmp/x"}, "path"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"name": " "}, "name"),
        ({"host": "sourceforge"}, "host"),
    ],
)
@pytest.mark.usefixtures("repo")
def test_what_is_wrong_stands_beside_its_field(client: Client, values: dict[str, str], field: str) -> None:
    log_in(client, Role.MANAGER)
    answer = add(client, **values)
    assert (answer.status_code, set(answer.context["adminform"].form.errors)) == (200, {field})
    assert not Repository.objects.exists()


def test_the_host_can_be_said(client: Client) -> None:
    log_in(client, Role.MANAGER)
    add(client, url="https://code.acme.io/acme/api", host="gitea")
    assert Repository.objects.get().host == "gitea"


def test_others_read_and_set_nothing_up(client: Client) -> None:
    log_in(client, Role.RESPONDER)
    row = make_repository()
    assert add(client).status_code == 403
    page = client.get(LIST).content.decode()
    assert "acme/trading-api" in page and "read_now" not in page
    client.post(f"{LIST}{row.pk}/change/", {"name": "evil"})
    row.refresh_from_db()
    assert row.name == "acme/trading-api"


def test_commits_are_read_only_and_of_visible_projects(client: Client) -> None:
    log_in(client, Role.MANAGER)
    (mine,) = store_commits(make_repository(), [draft("a", files=["app/risk/margin.py"])])
    other = Repository.objects.create(project=make_project("other"), name="x/y", created_at=NOW)
    (theirs,) = store_commits(other, [draft("b")])
    page = client.get(COMMITS).content.decode()
    assert "feat: a" in page and "feat: b" not in page
    page = client.get(f"{COMMITS}{mine.pk}/change/").content.decode()
    assert "app/risk/margin.py" in page and f"https://github.com/acme/trading-api/commit/{sha_of('a')}" in page
    assert client.get(f"{COMMITS}{theirs.pk}/change/").status_code == 302
    assert client.get(f"{COMMITS}add/").status_code == 403
    assert client.post(f"{COMMITS}{mine.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{COMMITS}{mine.pk}/change/", {"message": "evil"})
    mine.refresh_from_db()
    assert mine.message == "feat: a"
