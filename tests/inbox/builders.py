"""Small builders with loud defaults."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from django.conf import settings

from tradewatch.inbox import queue_postgres, queue_sqlite
from tradewatch.inbox.envelope import Item, build_envelope
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.models import AttachmentChunk, KeptItem
from tradewatch.inbox.queue import Arrived, Queue
from tradewatch.projects.config import forget_configs, project_configs
from tradewatch.projects.models import Project


def make_arrived(
    body: bytes = b"{}\n",
    *,
    project_id: int = 1,
    received_at: float = 1_000.0,
    encoding: str = "identity",
    address: str = "192.0.2.7",
) -> Arrived:
    return Arrived(project_id, received_at, encoding, address, body)


def make_envelope(*items: tuple[str, object], **headers: object) -> bytes:
    """Items as (type, payload): bytes as they are, anything else as JSON."""
    return build_envelope(
        headers,
        [Item(kind, {}, payload if isinstance(payload, bytes) else orjson.dumps(payload)) for kind, payload in items],
    )


def queue_up(*bodies: bytes, project_id: int = 1, received_at: float = 1_700_000_000.0, **values: str) -> None:
    """Put envelopes into the queue of the database at hand, as the edge does."""
    queue: Queue = queue_postgres if settings.IS_POSTGRES else queue_sqlite
    queue.append([make_arrived(body, project_id=project_id, received_at=received_at, **values) for body in bodies])


def make_arrival(project: Project, *, drift: timedelta = timedelta(), **headers: object) -> Arrival:
    """How an envelope with these headers comes to a handler."""
    forget_configs()
    received_at = datetime(2026, 11, 23, 11, 59, 30, tzinfo=UTC)
    return Arrival(project_configs()[project.pk], received_at, drift, headers, "192.0.2.7")


def keep_item(
    project: Project, event_id: UUID | None, item_type: str = "attachment", *, received_at: datetime
) -> KeptItem:
    """An item as it is kept: an attachment with a chunk of bytes."""
    item = KeptItem.objects.create(
        project=project, event_id=event_id, item_type=item_type, received_at=received_at, payload=b""
    )
    if item_type == "attachment":
        AttachmentChunk.objects.create(item=item, number=0, data=b"\x89PNG")
    return item
