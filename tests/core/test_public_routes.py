"""Walks the URL table: nothing but the listed routes answers a stranger."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tradewatch.core.public_routes import INGEST_PATHS, PUBLIC_ROUTES
from tradewatch.ingest.edge import is_ingest

SAMPLES = {"int": "1", "str": "a", "slug": "a", "path": "a/b", "uuid": str(uuid.UUID(int=1)), "hexid": "0" * 32}
ANSWERS_OF_REFUSAL = (401, 403)


def all_views(patterns=None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each route with its view."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from all_views(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def sample_path(route: str) -> str:
    """A path that the route matches; the admin writes some of its routes as regular expressions."""
    plain = re.sub(r"<(\w+):\w+>", lambda found: SAMPLES[found[1]], route)
    plain = re.sub(r"\(\?P<\w+>[^()]*\)", "a", plain)
    return "/" + re.sub(r"[\^$\\?]", "", re.sub(r"<\w+>", "a", plain))


def is_public(route: str) -> bool:
    return route.rstrip("/") in PUBLIC_ROUTES


VIEWS = dict(all_views())
ROUTES = sorted(VIEWS)


def refuses(client: Client, path: str, method: str) -> bool | None:
    """None: the route does not take the method."""
    answer = getattr(client, method)(path)
    if answer.status_code == 405:
        return None
    if answer.status_code == 302:
        return answer["Location"].startswith((reverse("admin:login"), "/admin/login"))
    return answer.status_code in ANSWERS_OF_REFUSAL


def test_the_walk_finds_the_routes_that_are_known() -> None:
    assert {"health", "error-tracking/test", "admin/login/", "api/docs"} <= set(ROUTES)
    assert len(ROUTES) > 30


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in ROUTES if not is_public(route)])
def test_a_stranger_is_refused(client: Client, route: str) -> None:
    verdicts = [refuses(client, sample_path(route), method) for method in ("get", "post")]
    assert False not in verdicts, f"{route} answers without credentials"
    assert True in verdicts, f"{route} refused nothing: it takes neither GET nor POST"


def test_the_list_names_no_route_that_is_gone() -> None:
    assert set(PUBLIC_ROUTES) <= {route.rstrip("/") for route in ROUTES}


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in ROUTES if is_public(route)])
def test_a_public_route_needs_no_credentials(client: Client, route: str) -> None:
    answer = client.get(sample_path(route))
    # 400, 404: the sample is no signed link, no secret; 503: /health/ready, whose threads do not see a test's data
    assert answer.status_code in (200, 302, 400, 404, 405, 503)


@pytest.mark.parametrize("path", INGEST_PATHS)
def test_the_edge_takes_the_ingest_paths_and_django_knows_none_of_them(path: str) -> None:
    assert is_ingest(path) and is_ingest(path + "/")
    assert path.strip("/") not in {route.rstrip("/") for route in ROUTES}


@pytest.mark.parametrize("path", ["/api/schema", "/api/docs/", "/error-tracking/test", "/admin/", "/health"])
def test_the_edge_leaves_everything_else_to_django(path: str) -> None:
    assert not is_ingest(path)


def test_static_files_are_the_only_other_thing_served() -> None:
    assert settings.STATIC_URL == "/static/" and not settings.MEDIA_URL.strip("/")
