"""Uploads in chunks: the parts come first, in any order, and are then put together. Nothing of it is left after a day.

Source: https://develop.sentry.dev/api-server/chunk-upload/ as sentry-cli uses it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from releases.artifacts.asked import SHA1, TooLarge, sha1_of, words_of_bytes
from releases.models import UploadedChunk
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid

CHUNK_BYTES = 1024 * 1024  # a power of two, which sentry-cli asks for
CHUNKS_A_REQUEST = 8
KEPT = timedelta(hours=24)


def most_chunks() -> int:
    """Return how many an artifact of the largest size has."""
    return -(-settings.ARTIFACT_MAX_BYTES // CHUNK_BYTES)


@transaction.atomic
def keep_chunk(actor: Actor, sha1: str, content: bytes, *, now: datetime) -> None:
    """Keep a chunk until it is put together. Raises `Invalid` where it is not what its name says, and `TooLarge`."""
    if len(content) > CHUNK_BYTES:
        raise TooLarge(f"a chunk has {words_of_bytes(CHUNK_BYTES)} at most")
    if sha1_of(content) != sha1:
        raise Invalid(f"the chunk {sha1[:40]!r} is not what its SHA-1 says")
    own = UploadedChunk.objects.filter(owner=owner_of(actor))
    waiting: int | None = own.aggregate(total=Sum("size"))["total"]
    if (waiting or 0) + len(content) > settings.RELEASE_ARTIFACTS_MAX_BYTES:
        most = words_of_bytes(settings.RELEASE_ARTIFACTS_MAX_BYTES)
        raise TooLarge(f"{most} of chunks wait to be put together: they are deleted after a day")
    UploadedChunk.objects.update_or_create(
        owner=owner_of(actor),
        sha1=sha1,
        defaults={"created_at": now},
        create_defaults={"created_at": now, "size": len(content), "content": content},
    )


def missing_chunks(actor: Actor, wanted: Sequence[str]) -> list[str]:
    """Return those that were not uploaded yet, in order, each once. Raises `Invalid`, and `TooLarge` for too many."""
    if not all(SHA1.fullmatch(each) for each in wanted):
        raise Invalid("chunks are named by their SHA-1: 40 hexadecimal digits")
    if len(wanted) > most_chunks():
        raise TooLarge(f"an artifact may have {words_of_bytes(settings.ARTIFACT_MAX_BYTES)}: this one has more")
    own = UploadedChunk.objects.filter(owner=owner_of(actor), sha1__in=wanted)
    known = set(own.values_list("sha1", flat=True))
    return [each for each in dict.fromkeys(wanted) if each not in known]


def put_together(actor: Actor, wanted: Sequence[str], checksum: str) -> bytes:
    """Return the content of chunks that are all there. Raises `Invalid` where it is not what its SHA-1 says."""
    own = UploadedChunk.objects.filter(owner=owner_of(actor), sha1__in=wanted)
    parts = {sha1: bytes(content) for sha1, content in own.values_list("sha1", "content")}
    content = b"".join(parts[each] for each in wanted)
    if sha1_of(content) != checksum:
        raise Invalid("the chunks put together are not what the SHA-1 says")
    return content


def forget_chunks(actor: Actor, sha1s: Sequence[str]) -> None:
    UploadedChunk.objects.filter(owner=owner_of(actor), sha1__in=sha1s).delete()


def forget_old_chunks(*, now: datetime) -> int:
    """Delete what nobody put together within a day, and return how many."""
    return UploadedChunk.objects.filter(created_at__lt=now - KEPT).delete()[0]


def owner_of(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"
