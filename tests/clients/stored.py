"""What a server has stored of one release, read from its database by a process of its own."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from tests.servers import Server

EVENTS = """
import json
from tradewatch.errors.models import Event
print(json.dumps([
    {{"event_id": event.event_id.hex, "severity": event.severity, "environment": event.environment,
      "title": event.issue.title, "exception_type": event.issue.exception_type, "category": event.issue.category,
      "first_release": event.issue.first_release.version, "payload": event.payload}}
    for event in Event.objects.filter(release__version={release!r}).select_related("issue").order_by("id")
]))
"""
SERIES = """
import json
from django.db.models import Sum
from tradewatch.metrics.models import Counter
rows = Counter.objects.filter(series__startswith={prefix!r}, resolution=3600).values("series").annotate(n=Sum("count"))
print(json.dumps({{row["series"]: row["n"] for row in rows}}))
"""


@dataclass(frozen=True)
class StoredEvent:
    event_id: str
    severity: str
    environment: str
    title: str
    exception_type: str
    category: str
    first_release: str
    payload: dict[str, Any]

    @property
    def thrown(self) -> list[tuple[str, str]]:
        """(type, value) of the exceptions, the one raised last at the end."""
        return [(value["type"], value["value"]) for value in self.payload["exception"]["values"]]

    @property
    def message(self) -> str:
        return str(self.payload.get("logentry", {}).get("formatted", ""))


def new_release(client: str) -> str:
    return f"{client}@1.2.3-{secrets.token_hex(4)}"


def stored_events(server: Server, *, release: str) -> list[StoredEvent]:
    """Return the events of `release`, once all that was accepted is digested."""
    server.drain()
    return [StoredEvent(**event) for event in ask(server, EVENTS.format(release=release))]


def stored_series(server: Server, prefix: str) -> dict[str, int]:
    """Return {series: count} of the hour buckets whose series begins with `prefix`."""
    counts: dict[str, int] = ask(server, SERIES.format(prefix=prefix))
    return counts


def ask(server: Server, code: str) -> Any:
    return json.loads(server.manage("shell", "--no-imports", "-c", code).splitlines()[-1])
