"""How large what arrives may be."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes, decompressed: the whole envelope, one header line, one item, all attachments of an envelope."""

    envelope_bytes: int
    header_bytes: int
    item_bytes: int
    attachment_bytes: int


def current_limits() -> Limits:
    return Limits(
        envelope_bytes=settings.INGEST_MAX_ENVELOPE_BYTES,
        header_bytes=settings.INGEST_MAX_HEADER_BYTES,
        item_bytes=settings.INGEST_MAX_ITEM_BYTES,
        attachment_bytes=settings.INGEST_MAX_ATTACHMENT_BYTES,
    )
