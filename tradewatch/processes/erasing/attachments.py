"""Attachments: a text is written again without the person; other bytes that name them go whole."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from tradewatch.inbox.kept_items import CHUNK_BYTES
from tradewatch.inbox.models import AttachmentChunk, KeptItem
from tradewatch.processes.erasing.columns import Walk
from tradewatch.processes.erasing.job import Job, place
from tradewatch.processes.erasing.rewriting import Rewriting

ITEM = KeptItem._meta.label
_OVERLAP = 1000  # bytes: a name may lie across two chunks
_PACKED = (
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"\x28\xb5\x2f\xfd",
    b"BZh",
    b"\xfd7zXZ",
    b"MDMP",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"%PDF",
)


def step(walk: Walk, job: Job, after: Any) -> Any:
    """Look at the next attachments; `after` is the key of the last one's item."""
    items = KeptItem.objects.filter(item_type="attachment").order_by("pk")
    if job.project_id is not None:
        items = items.filter(project_id=job.project_id)
    keys = list(
        (items if after is None else items.filter(pk__gt=after)).values_list("pk", "project_id")[: walk.rows_a_step]
    )
    for key, project_id in keys:
        if (ITEM, key) not in job.gone:
            _attachment(walk, job, key, project_id)
    job.found.looked_at += len(keys)
    return keys[-1][0] if len(keys) == walk.rows_a_step else None


def _attachment(walk: Walk, job: Job, key: int, project_id: int) -> None:
    where = place(walk.label, project_id)
    if not _names_them(key, job):
        job.found.unreadable[where] += _is_packed(key)
        return
    with transaction.atomic():
        data = b"".join(_chunks(key))
        text = _as_text(data)
        rewriting = Rewriting(job.person)
        if text is None:
            job.found.deleted[where] += 1
            if job.writes:
                KeptItem.objects.filter(pk=key).delete()
                job.note()
            return
        text = rewriting.text(text)
        if not rewriting.hits:
            job.found.longer[where] += 1
            return
        job.found.changed[where] += 1
        if job.writes:
            _store(key, text.encode())
            job.note()


def _names_them(key: int, job: Job) -> bool:
    tail = b""
    for data in _chunks(key):
        if job.person.may_be_in(tail + data):
            return True
        tail = data[-_OVERLAP:]
    return False


def _chunks(key: int) -> Iterator[bytes]:
    for data in AttachmentChunk.objects.filter(item=key).order_by("number").values_list("data", flat=True).iterator(1):
        yield bytes(data)


def _is_packed(key: int) -> int:
    """Return 1 where the bytes are compressed, a picture or a memory dump: nobody looked into those."""
    first = AttachmentChunk.objects.filter(item=key, number=0).values_list("data", flat=True).first()
    return int(first is not None and bytes(first[:8]).startswith(_PACKED))


def _as_text(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _store(key: int, data: bytes) -> None:
    item = KeptItem.objects.select_for_update().get(pk=key)
    AttachmentChunk.objects.filter(item=key).delete()
    starts = range(0, len(data), CHUNK_BYTES)
    AttachmentChunk.objects.bulk_create(
        AttachmentChunk(item=item, number=number, data=data[start : start + CHUNK_BYTES])
        for number, start in enumerate(starts)
    )
    item.meta = {**item.meta, "bytes": len(data)}
    item.save(update_fields=["meta"])
