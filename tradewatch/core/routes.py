"""Routes that answer with and without a trailing slash: a redirect would turn a POST into a GET."""

from collections.abc import Callable, Sequence
from typing import Any

from django.urls import URLPattern, path


def both(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return `route` (given without slashes at its ends) with and without a trailing slash.

    Only the plain one is named, so that `reverse` gives the path of spec and documentation.
    """
    return [path(route, view, name=name), path(route + "/", view)]


def without_slash_twins(endpoints: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the endpoints of the OpenAPI document, each under its plain path alone."""
    paths = {endpoint[0] for endpoint in endpoints}
    return [endpoint for endpoint in endpoints if endpoint[0].rstrip("/") not in paths - {endpoint[0]}]
