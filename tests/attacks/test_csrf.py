"""Another site's page makes a logged in browser post: refused by every route, unless it asks for a key of its own."""

import re

import pytest
from django.test import Client

from tests.attacks.hostile_store import HostileSide
from tests.attacks.walk import plain_routes
from tests.core.test_public_routes import is_public
from tests.hostile.rows import Side, differences, dump
from tests.hostile.walking import paths_of
from tests.projects.builders import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow, pytest.mark.usefixtures("inbox")]
FORGED = {"Origin": "https://evil.example", "Referer": "https://evil.example/", "Sec-Fetch-Site": "cross-site"}
# They read no session, so a browser's brings nothing: 401 without a key.
KEYED = re.compile(r"(api/0|api/v2|alerts/webhook)(/|$)")


@pytest.fixture
def side() -> Side:
    return HostileSide("zebra4242", 4242).fill()


@pytest.fixture
def person() -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(make_user("chief", is_superuser=True))
    return client


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "application/json"])
def test_no_route_takes_what_another_sites_page_posts(person: Client, side: Side, content_type: str) -> None:
    before, taken = dump(), {}
    for route in plain_routes():
        if not is_public(route):
            answer = person.generic("POST", list(paths_of(route, side))[-1], b"a=1", content_type, headers=FORGED)
            taken[route] = answer.status_code
    assert len([status for status in taken.values() if status == 403]) > 150
    others = {route: status for route, status in taken.items() if status not in (403, 405)}
    assert {route: status for route, status in others.items() if not KEYED.match(route) or status != 401} == {}
    assert {table for table, *_ in differences(before, dump())} <= {"accounts.SessionRecord"}  # that this one is in use
