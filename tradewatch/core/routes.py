"""Routes that answer with and without a trailing slash: a redirect would turn a POST into a GET."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path


def both(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return `route` (given without slashes at its ends) with and without a trailing slash.

    Only the plain one is named, so that `reverse` gives the path of spec and documentation.
    """
    return [path(route, view, name=name), path(route + "/", view)]
