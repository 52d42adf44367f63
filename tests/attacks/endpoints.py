"""The REST endpoints of the URL table with the methods they take, each path with the ids of one side in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from tests.hostile.rows import Side
from tests.hostile.walking import paths_of
from tradewatch.projects.choices import Scope

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Endpoint:
    route: str
    view: type[APIView]

    def methods(self) -> Iterator[str]:
        return (method for method in METHODS if hasattr(self.view, method))

    def scope_for(self, method: str) -> Scope | None:
        """Return the scope it needs. None: any credentials will do, or it asks for a key of its own."""
        return getattr(self.view, "read_scope" if method.upper() in SAFE_METHODS else "write_scope", None)

    def path(self, side: Side) -> str:
        return list(paths_of(self.route, side))[-1]


def endpoints(patterns: Any = None, prefix: str = "") -> Iterator[Endpoint]:
    """Yield each REST endpoint once: of a route and its twin with a slash, the one without."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and not route.endswith("/"):
            view = getattr(pattern.callback, "cls", None)
            if view is not None and issubclass(view, APIView):
                yield Endpoint(route, view)
