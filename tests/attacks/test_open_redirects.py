"""Nothing leads to another site because an address says so."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.attacks.walk import ELSEWHERE, LEADING, Walked, chief, plain_routes
from tests.core.test_public_routes import sample_path
from tests.projects.builders import make_user

pytestmark = [pytest.mark.once, pytest.mark.slow, pytest.mark.django_db]
ELSEWHERES = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "http:///evil.example", "javascript:alert(1)", "\thttps://evil.example", "/%09/evil.example", "////evil.example",
)  # fmt: skip


def is_ours(location: str) -> bool:
    """Whether a browser stays: a path, read as browsers read it."""
    plain = re.sub(r"[\t\r\n]", "", location).replace("\\", "/").strip()
    return not urlsplit(plain).netloc and not urlsplit(plain).scheme and not plain.startswith("//")


def test_no_page_leads_to_where_its_query_says(seen: Walked) -> None:
    assert [each.path for each in seen.answers if not is_ours(each.headers.get("Location", ""))] == []
    links = re.compile(rf'(?:href|action|formaction|src)="{re.escape(ELSEWHERE)}')
    assert [each.path for each in seen.pages() if links.search(each.text)] == []


@pytest.mark.usefixtures("inbox")
def test_no_form_does(seen: Walked) -> None:
    client, led = chief(), {}
    for route in plain_routes():
        if not route.startswith("admin/"):
            answer = client.post(sample_path(route), LEADING)
            led[route] = answer.headers.get("Location", "")
    assert {route: location for route, location in led.items() if not is_ours(location)} == {}


@pytest.mark.parametrize("target", ELSEWHERES)
def test_no_login_does(client: Client, target: str) -> None:
    make_user("ann", is_superuser=True)
    said = {"username": "ann", "password": "pass-of-ann", "next": target}
    answer = client.post(f"/admin/login/?next={target}", said)
    assert answer.status_code == 302 and is_ours(answer["Location"])
    assert is_ours(client.get("/admin/login/", {"next": target})["Location"])
