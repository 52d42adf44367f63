"""One project's people see nothing of another's: all routes and admin pages are asked for the other's objects."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.hostile.own import not_ones_own
from tests.hostile.rows import Side, differences, dump, project_models
from tests.hostile.walking import admin_posts, every_write, paths
from tests.projects.builders import make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]
REFUSALS = {302, 400, 401, 403, 404, 405, 409, 415, 429}


@pytest.fixture
def theirs() -> Side:
    return Side("zebra4242", 4242).fill()


@pytest.fixture
def ours() -> Side:
    return Side("koala4343", 4343).fill()


def text_of(answer: Any) -> str:
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode(errors="replace")


def client_of(role: Role, side: Side) -> Client:
    user = make_user(f"the-{role}")
    add_member(SYSTEM, side.project, user, role)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def test_the_walk_has_something_to_find(theirs: Side) -> None:
    chief = Client(raise_request_exception=False)
    chief.force_login(make_user("chief", is_superuser=True))
    shown = [path for path in paths(theirs) if theirs.word in text_of(chief.get(path))]
    assert len(project_models()) > 10
    assert theirs.unmade == []
    assert {"/issues", "/alerts", "/issues/4242", "/admin/errors/issue/4242/change/"} <= set(shown)


@pytest.mark.parametrize("role", Role)
def test_nobody_reads_another_projects_things(role: Role, ours: Side, theirs: Side) -> None:
    client = client_of(role, ours)
    named = set(paths(theirs, named_only=True))
    faults = []
    for path in paths(theirs):
        answer = client.get(path)
        text = text_of(answer)
        if theirs.word in text:
            faults.append((path, "shows it"))
        elif path in named and "4242" in path and answer.status_code not in REFUSALS and not _is_a_form(path):
            faults.append((path, answer.status_code))
    assert not faults, faults


def _is_a_form(path: str) -> bool:
    """Whether the number in an address is no object's: a page that shows the same to everybody."""
    return path.startswith(("/admin/r/", "/api/schema"))


@pytest.mark.parametrize("role", Role)
def test_the_lists_of_the_admin_hold_no_row_of_another_project(role: Role, ours: Side, theirs: Side) -> None:
    client = client_of(role, ours)
    for model in admin.site._registry:
        if model not in theirs.rows:
            continue
        answer = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        if answer.status_code == 200:
            keys = {row.pk for row in answer.context["cl"].queryset}
            assert theirs.rows[model].pk not in keys, model


@pytest.mark.parametrize("role", Role)
def test_nobody_changes_another_projects_things(role: Role, ours: Side, theirs: Side) -> None:
    client = client_of(role, ours)
    before = dump()
    for path in paths(theirs, named_only=True):
        for answer in every_write(client, path, theirs):
            assert theirs.word not in text_of(answer), path
    for answer in admin_posts(client, theirs):
        echoes = (f"{theirs.word}x", f"{theirs.word}.example/x")  # of what was just sent: each text with an x more
        assert theirs.word not in re.sub("|".join(map(re.escape, echoes)), "", text_of(answer))
    assert not_ones_own(differences(before, dump()), f"the-{role}") == []
