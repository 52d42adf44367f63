"""Every REST endpoint of the URL table, each of its methods: refused without credentials and with too weak ones."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.attacks.endpoints import Endpoint, endpoints
from tests.core.test_public_routes import is_public
from tests.hostile.rows import Side, differences, dump
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.projects.access import covers
from tradewatch.projects.choices import Scope

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ASKED = [(each, method) for each in endpoints() if not is_public(each.route) for method in each.methods()]
ASK_FOR_A_PERSON = {"debug/session/<int:session_id>/batches/<int:batch_id>/approve"}
PAGES = {("get", "alerts/silences", 302)}  # asked for without credentials, it is the page that leads to the login
MACHINERY = {"projects.ApiToken", "core.IdempotentAnswer"}  # when a token was last used


@pytest.fixture
def side(settings: Any) -> Side:
    settings.API_TOKEN_RATE_PER_MINUTE = settings.API_ADDRESS_RATE_PER_MINUTE = 1_000_000
    return Side("zebra4242", 4242).fill()


def statuses(client: Client, side: Side, headers: Any) -> Iterator[tuple[str, str, int]]:
    """Yield (method, route, status) of each. `headers`: of (endpoint, method); None: not asked."""
    for endpoint, method in ASKED:
        if (sent := headers(endpoint, method)) is not None:
            answer = client.generic(method.upper(), endpoint.path(side), "{}", "application/json", headers=sent)
            yield method, endpoint.route, answer.status_code


def test_the_walk_has_something_to_ask(client: Client, side: Side) -> None:
    every = bearer("*")
    answered = list(statuses(client, side, lambda *_: every))
    assert len(answered) > 170
    # So what is refused below is refused for its credentials.
    assert {route for *_, route, status in answered if status in (401, 403)} == ASK_FOR_A_PERSON
    assert sum(status < 300 for *_, status in answered) > 80


def test_whoever_shows_no_valid_credentials_is_told_so(client: Client, side: Side) -> None:
    now = timezone.now()
    forged = [
        {},
        {"Authorization": "Bearer tw_" + "x" * 43},
        bearer("*", expires_at=now - timedelta(seconds=1)),
        bearer("*", revoked_at=now),
    ]
    before = dump()
    for headers in forged:
        answered = statuses(client, side, lambda *_, sent=headers: sent)
        assert {each for each in answered if each[2] != 401} <= PAGES, headers
    assert differences(before, dump()) == []


def test_a_token_with_every_scope_but_the_needed_one_is_refused(client: Client, side: Side) -> None:
    tokens = {needed: bearer(*all_but(needed)) for needed in Scope if needed is not Scope.ALL}

    def of(endpoint: Endpoint, method: str) -> Any:
        scope = endpoint.scope_for(method)
        return tokens[scope] if scope is not None else None

    before = dump()
    asked = list(statuses(client, side, of))
    assert len(asked) > 150
    assert [each for each in asked if each[2] != 403] == []
    assert {table for table, *_ in differences(before, dump())} <= MACHINERY


def all_but(needed: Scope) -> list[Scope]:
    return [each for each in Scope if each is not Scope.ALL and not covers([each.value], needed)]


@pytest.mark.parametrize("account", [{"is_staff": False}, {"is_active": False}])
def test_a_login_that_is_no_staff_members_is_refused(client: Client, side: Side, account: dict[str, bool]) -> None:
    client.force_login(make_user("eve", is_superuser=True, **account))
    before = dump()
    assert {each for each in statuses(client, side, lambda *_: {}) if each[2] not in (401, 403)} <= PAGES
    assert {table for table, *_ in differences(before, dump())} <= {"accounts.SessionRecord"}


def test_a_token_of_another_project_changes_and_reads_nothing_here(client: Client, side: Side) -> None:
    bound = bearer("*", projects=[make_project("elsewhere")])
    before = dump()
    for endpoint, method in ASKED:
        answer = client.generic(method.upper(), endpoint.path(side), "{}", "application/json", headers=bound)
        said = b"".join(answer) if answer.streaming else answer.content
        assert side.word.encode() not in said.replace(endpoint.path(side).encode(), b""), (method, endpoint.route)
    touched = differences(before, dump())
    assert [each for each in touched if side.project.pk in owners(each)] == []


def owners(change: tuple[str, Any, Any]) -> set[Any]:
    return {row.get("project_id") for row in change[1:] if row}
