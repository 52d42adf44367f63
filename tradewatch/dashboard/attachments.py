"""What came with an event beside its document: attachments and what people wrote about it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
import zstandard
from asgiref.sync import sync_to_async
from django.db.models import BinaryField, Exists, OuterRef, QuerySet
from django.db.models.functions import Substr

from tradewatch.core.file_names import safe_file_name
from tradewatch.core.shapes import mapping, text_of
from tradewatch.errors.families import family_ids
from tradewatch.errors.models import Event, Issue
from tradewatch.inbox.choices import WRITTEN_TYPES
from tradewatch.inbox.models import AttachmentChunk, KeptItem

MAX_ATTACHMENTS = 50
MAX_FEEDBACK = 20
MAX_WORDS = 1500
PREVIEW_BYTES = 5 << 20
# The first bytes of pictures that a browser only paints. SVG is a document that can hold scripts, and is none of them.
_HEAD = Substr("data", 1, 16, output_field=BinaryField())
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


@dataclass(frozen=True, slots=True)
class Attachment:
    id: int
    name: str
    content_type: str
    bytes: int
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person wrote; `event_id` is the event it is about."""

    at: datetime
    name: str
    contact: str
    words: str
    event_id: str


def attachments_of(event: Event) -> list[Attachment]:
    rows = _attachments(event).order_by("pk")[:MAX_ATTACHMENTS]
    return [
        Attachment(
            id=item.pk,
            name=sent_name(item),
            content_type=text_of(mapping(item.meta).get("content_type"), 100),
            bytes=_size(item),
            is_picture=bool(picture_type(item)),
        )
        for item in rows
    ]


def attachment_of(event: Event, item_id: int) -> KeptItem | None:
    return _attachments(event).filter(pk=item_id).first()


def sent_name(item: KeptItem) -> str:
    """Return what its sender calls it."""
    return text_of(mapping(item.meta).get("filename"), 200) or f"attachment-{item.pk}"


def file_name(item: KeptItem) -> str:
    """Return what it is saved as: the sender named it, so nothing of a path and no sign that ends a header."""
    return safe_file_name(sent_name(item)) or f"attachment-{item.pk}"


def picture_type(item: KeptItem) -> str:
    """Return the type of a picture that may be shown, told by its first bytes alone; empty for everything else."""
    if not 0 < _size(item) <= PREVIEW_BYTES:
        return ""
    head = bytes(item.chunks.filter(number=0).values_list(_HEAD, flat=True).first() or b"")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _PICTURES.items() if head.startswith(start)), "")


def read_chunks(item: KeptItem) -> Iterator[bytes]:
    """Yield the bytes, one chunk of at most 1 MiB in memory at a time."""
    for pk in AttachmentChunk.objects.filter(item=item).order_by("number").values_list("pk", flat=True):
        yield _chunk(pk)


async def read_chunks_async(item: KeptItem) -> AsyncIterator[bytes]:
    """Yield the same under ASGI, where Django would first read a plain iterator to its end."""
    rows = AttachmentChunk.objects.filter(item=item).order_by("number").values_list("pk", flat=True)
    for pk in await sync_to_async(lambda: list(rows))():
        yield await sync_to_async(_chunk)(pk)


def feedback_of(issue: Issue) -> list[Feedback]:
    """Return what people wrote about events of the issue, the newest first."""
    about = Event.objects.filter(project=issue.project_id, event_id=OuterRef("event_id"), issue__in=family_ids(issue))
    items = KeptItem.objects.filter(project=issue.project_id, item_type__in=WRITTEN_TYPES, event_id__isnull=False)
    rows = items.filter(Exists(about)).order_by("-received_at", "-pk")[:MAX_FEEDBACK]
    return [_feedback(item) for item in rows]


def _attachments(event: Event) -> QuerySet[KeptItem]:
    return KeptItem.objects.filter(project=event.project_id, event_id=event.event_id, item_type="attachment")


def _size(item: KeptItem) -> int:
    size = mapping(item.meta).get("bytes")
    return size if isinstance(size, int) else 0


def _chunk(pk: int) -> bytes:
    return bytes(AttachmentChunk.objects.values_list("data", flat=True).get(pk=pk))


def _feedback(item: KeptItem) -> Feedback:
    """Read either form: a feedback event (contexts.feedback), or the older user report with its plain fields."""
    document = mapping(orjson.loads(zstandard.decompress(item.payload)))
    said = mapping(mapping(document.get("contexts")).get("feedback")) or document
    return Feedback(
        at=item.received_at,
        name=text_of(said.get("name"), 100) or "Somebody",
        contact=text_of(said.get("contact_email") or said.get("email"), 200),
        words=text_of(said.get("message") or said.get("comments"), MAX_WORDS),
        event_id=item.event_id.hex if item.event_id else "",
    )
