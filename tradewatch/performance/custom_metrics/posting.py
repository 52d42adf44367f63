"""Points from outside the SDK stream: checked one by one at once, then queued as a container like any other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
from django.conf import settings
from django.db import transaction

from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.core.kick import kick
from tradewatch.inbox.envelope import Item, build_envelope
from tradewatch.inbox.kept_items import identity_of
from tradewatch.inbox.services import enqueue
from tradewatch.performance.custom_metrics.entries import Read, Reasons, Times, attributes_fault, read_entry
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project


@dataclass(frozen=True, slots=True)
class Rejected:
    index: int
    errors: Reasons


@dataclass(frozen=True, slots=True)
class Posted:
    """How many points are on disk now, and which are not, with the reasons by field."""

    accepted: int = 0
    rejected: list[Rejected] = field(default_factory=list)


@transaction.atomic
def post_points(
    actor: Actor, project: Project, entries: Sequence[Any], *, environment: str, now: float, key: str = ""
) -> Posted:
    """Queue the sound ones of `entries`; they are durable when this returns and counted within a second.

    `key` is the caller's idempotency key: the same entries under the same key are counted once, even when the first
    request died before it answered.

    Raises:
        Conflict: custom metrics are switched off.
        NotAllowed: the actor may not write metrics.
    """
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.PERFORMANCE_WRITE)
    if not settings.SENTRY_ENABLE_CUSTOM_METRICS:
        raise Conflict("custom metrics are switched off (SENTRY_ENABLE_CUSTOM_METRICS)")
    times = Times(now, now - settings.METRIC_RETENTION.total_seconds())
    checked = [_checked(entry, times) for entry in entries]
    sound = [each for each in checked if "errors" not in each]
    if sound:
        payload = orjson.dumps({"version": 2, "items": sound})
        identity = identity_of(actor.kind, actor.id, key, payload) if key else uuid4()
        headers = {"event_id": identity.hex, "trace": {"environment": environment}}
        envelope = build_envelope(headers, [Item("trace_metric", {"item_count": len(sound)}, payload)])
        enqueue(project.pk, envelope, received_at=now)
        transaction.on_commit(partial(kick, "digest"))  # on PostgreSQL that of `enqueue` comes before the commit
    rejected = [Rejected(index, each["errors"]) for index, each in enumerate(checked) if "errors" in each]
    return Posted(len(sound), rejected)


def _checked(entry: Any, times: Times) -> dict[str, Any]:
    """Return the entry as containers carry it, or {"errors": its faults by field}."""
    if not isinstance(entry, dict):
        return {"errors": {"metric": ["expected an object"]}}
    read = read_entry(entry, times)
    fault = attributes_fault(entry.get("attributes"))
    if not isinstance(read, Read) or fault:
        reasons = {} if isinstance(read, Read) else read
        return {"errors": reasons | ({"attributes": [fault]} if fault else {})}
    return {
        "name": read.name,
        "type": read.type,
        "value": read.value,
        "unit": read.unit,
        "timestamp": read.at_epoch,
        "attributes": entry.get("attributes") or {},
    }
