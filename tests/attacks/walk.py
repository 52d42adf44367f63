"""What every page and endpoint answers to a GET that tries several things at once. Walked once a process."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.test import Client

from tests.attacks.hostile_store import HostileSide
from tests.core.test_public_routes import ROUTES
from tests.hostile.walking import LEFT_OUT, paths_of
from tests.projects.builders import make_user

EVIL = "evil.example"
HEADERS = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "Forwarded": f"host={EVIL};proto=https",
    "X-Host": EVIL,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "4443",
    "X-Forwarded-Prefix": f"/{EVIL}",
    "X-Original-URL": f"/{EVIL}",
    "X-Rewrite-URL": f"/{EVIL}",
    "X-HTTP-Method-Override": "DELETE",
    "Origin": f"https://{EVIL}",
    "Referer": f"https://{EVIL}/",
}
# What pages that lead on take it from elsewhere.
ELSEWHERE = "https://elsewhere.example/"
LEADING = dict.fromkeys(("next", "return", "return_to", "back", "url", "redirect", "then", "continue"), ELSEWHERE)


@dataclass
class Answer:
    route: str
    path: str
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Walked:
    """`asked` {path: the names of the query that the page looked for}; `logged`: the lines as they are written."""

    answers: list[Answer] = field(default_factory=list)
    asked: dict[str, set[str]] = field(default_factory=dict)
    logged: list[str] = field(default_factory=list)

    def pages(self) -> list[Answer]:
        return [each for each in self.answers if each.headers.get("Content-Type", "").startswith("text/html")]


_ADMIN = re.compile(r"admin/\w+/\w+/")
_known: list[Walked] = []


def walked() -> Walked:
    """Return what the walk saw; the first who asks walks, in the database of their test."""
    if not _known:
        _known.append(_walk(HostileSide("zebra4242", 4242).fill()))
    return _known[0]


def chief() -> Client:
    client = Client(raise_request_exception=False)
    known = get_user_model().objects.filter(username="chief").first()
    client.force_login(known or make_user("chief", is_superuser=True))
    return client


def plain_routes() -> list[str]:
    """Return each route once, without its twin with a slash; of the admin's classes their lists."""
    known = set(ROUTES)
    left_out = (*LEFT_OUT, "health/ready")  # its threads see nothing of a test's database
    kept = [each for each in ROUTES if not each.startswith(left_out) and each.removesuffix("/") not in known - {each}]
    return [each for each in kept if not _ADMIN.match(each) or each.count("/") == 3]


def _walk(side: HostileSide) -> Walked:
    assert side.unmade == []
    client, found = chief(), Walked()
    with _heard(found.logged):
        for route in plain_routes():
            path = list(paths_of(route, side))[-1]
            with _noted() as names:
                # The admin's lists take each name of the query for a field to filter by.
                answer = client.get(path, {} if _ADMIN.match(route) else LEADING, headers=HEADERS)
                body = b"".join(answer) if answer.streaming else answer.content
            headers = {name: str(value) for name, value in answer.headers.items()}
            found.answers.append(Answer(route, path, answer.status_code, headers, body.decode(errors="replace")))
            found.asked[path] = names - LEADING.keys()
    return found


@contextmanager
def _noted() -> Iterator[set[str]]:
    """Collect the names that are looked for in a query or a form."""
    names: set[str] = set()
    known = {name: getattr(QueryDict, name) for name in ("__getitem__", "getlist", "get")}

    def noting(method: Any) -> Any:
        def note(self: QueryDict, name: Any, *rest: Any, **more: Any) -> Any:
            names.add(str(name))
            return method(self, name, *rest, **more)

        return note

    for name, method in known.items():
        setattr(QueryDict, name, noting(method))
    try:
        yield names
    finally:
        for name in known:
            delattr(QueryDict, name)


@contextmanager
def _heard(lines: list[str]) -> Iterator[None]:
    formatter = next(each for each in logging.getLogger().handlers if each.formatter).formatter
    assert formatter

    class Hearing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    handler = Hearing()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
