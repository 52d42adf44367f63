"""The paths that SDKs post to. A DSN may carry a path prefix, and the trailing slash is optional."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["envelope", "store", "security", "cron"]

_ROUTE = re.compile(
    r"(?:/.*)?/api/(?P<project>[1-9][0-9]{0,9})/"
    r"(?:(?P<kind>envelope|store|security)|cron/(?P<slug>[^/]+)(?:/(?P<key>[^/]+))?)/?"
)
_LONGEST_PATH = 500


class Route(NamedTuple):
    """Where a request goes. `slug` and `key` are the monitor's slug and the DSN key in a cron path, else empty."""

    kind: Kind
    project_id: int
    slug: str = ""
    key: str = ""

    @property
    def methods(self) -> tuple[str, ...]:
        return ("GET", "POST", "OPTIONS") if self.kind == "cron" else ("POST", "OPTIONS")


def route_of(path: str) -> Route | None:
    """Return where `path` leads, or None when it is not one of ours."""
    return None if len(path) > _LONGEST_PATH else _route_of(path)


@lru_cache(maxsize=1024)  # a client posts to one path all its life
def _route_of(path: str) -> Route | None:
    found = _ROUTE.fullmatch(path)
    if found is None:
        return None
    kind: Kind = found["kind"] or "cron"  # type: ignore[assignment]  # the pattern allows no other kind
    return Route(kind, int(found["project"]), found["slug"] or "", found["key"] or "")
