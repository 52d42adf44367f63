import io
import re
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from tests.projects.builders import make_project
from tradewatch.projects.authentication import token_of
from tradewatch.projects.bootstrap import bootstrap
from tradewatch.projects.models import ApiToken, Project, ProjectKey

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def can_log_in(password: str) -> bool:
    return authenticate(RequestFactory().post("/admin/login/"), username="admin", password=password) is not None


def test_the_first_start_prints_a_login_and_a_dsn_that_work() -> None:
    login, dsn = bootstrap()
    assert can_log_in(login.rpartition("password: ")[2])
    assert User.objects.get().is_superuser and User.objects.get().is_staff
    project, key = Project.objects.get(), ProjectKey.objects.get()
    assert (project.slug, dsn) == (
        "default",
        f"DSN of project default: http://{key.public_key}@127.0.0.1:8000/{project.pk}",
    )


def test_a_later_start_prints_and_changes_nothing() -> None:
    bootstrap()
    before = list(User.objects.values()), list(ProjectKey.objects.values())
    assert bootstrap() == []
    assert (list(User.objects.values()), list(ProjectKey.objects.values())) == before


def test_a_given_password_is_used_and_not_printed(settings) -> None:
    settings.ADMIN_PASSWORD = "correct horse 7"
    assert "correct horse" not in "".join(bootstrap())
    assert can_log_in("correct horse 7")


def test_a_renamed_first_project_is_not_created_again() -> None:
    bootstrap()
    Project.objects.update(slug="desk")
    assert bootstrap() == []


def test_bootstrap_prints_its_lines() -> None:
    assert len(printed("bootstrap").splitlines()) == 2
    assert printed("bootstrap") == ""


# --- dsn ----------------------------------------------------------------------------------------------------
def test_dsn_prints_the_dsn_alone(settings) -> None:
    bootstrap()
    assert re.fullmatch(r"http://[0-9a-f]{32}@127\.0\.0\.1:8000/\d+\n", printed("dsn"))
    settings.PUBLIC_URL = "https://watch.example/monitor"
    desk = make_project("desk")
    ProjectKey.objects.create(project=desk, public_key="b" * 32)
    assert printed("dsn", "desk") == f"https://{'b' * 32}@watch.example/monitor/{desk.pk}\n"
    assert printed("dsn", str(desk.pk)) == printed("dsn", "desk")


def test_dsn_names_what_is_missing() -> None:
    with pytest.raises(CommandError, match="no project 'default'"):
        printed("dsn")
    make_project()
    with pytest.raises(CommandError, match="key"):
        printed("dsn")


# --- token --------------------------------------------------------------------------------------------------
def test_token_prints_a_working_token_alone() -> None:
    desk = make_project("desk")
    line = printed(
        "token", "ci", "--scope", "errors:read", "--scope", "alerts:read", "--project", "desk", "--days", "2"
    )
    token = token_of(line.removesuffix("\n"))
    assert token is not None and token.scopes == ["alerts:read", "errors:read"] and token.name == "ci"
    assert list(token.projects.all()) == [desk] and token.is_bound
    assert round((token.expires_at - token.created_at).total_seconds() / 86400) == 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["ci"], "--scope"),
        (["ci", "--scope", "errors:all"], "errors:all"),
        (["ci", "--scope", "*", "--project", "nope"], "nope"),
        (["ci", "--scope", "*", "--days", "0"], "expires_at"),
        (["", "--scope", "*"], "name"),
    ],
)
def test_a_bad_token_request_names_its_fault(arguments: list[str], named: str) -> None:
    with pytest.raises(CommandError, match=re.escape(named)):
        printed("token", *arguments)
    assert not ApiToken.objects.exists()


def test_the_first_account_has_an_address_for_mails(settings: Any) -> None:
    settings.ADMIN_EMAIL = "desk@trading.example"
    bootstrap()
    assert User.objects.get().email == "desk@trading.example"
