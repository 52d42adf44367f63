"""`sourcemaps upload`: chunks are uploaded, then put together as an artifact bundle of a release.

A bundle is kept and given back as it came; TradeWatch maps no stack trace by it. Source: what sentry-cli 3.8.2 sends,
and https://develop.sentry.dev/api-server/chunk-upload/
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from releases.artifacts.asked import SHA1, Draft, inflated
from releases.artifacts.chunks import (
    CHUNK_BYTES,
    CHUNKS_A_REQUEST,
    forget_chunks,
    keep_chunk,
    missing_chunks,
    put_together,
)
from releases.artifacts.queries import artifacts_of
from releases.artifacts.services import store_artifact
from releases.details.asked import Told
from releases.details.services import create_release
from releases.sentry_cli.base import SentryCliView
from releases.sentry_cli.reading import read_names, read_object, read_text
from tradewatch.core.faults import Invalid
from tradewatch.core.parsers import JsonBody
from tradewatch.projects.models import Release

_OK: dict[str, Any] = {"state": "ok", "missingChunks": [], "detail": None}


class ChunkUpload(SentryCliView):
    parser_classes = [MultiPartParser, JsonBody]

    def most_bytes(self) -> int:
        return (CHUNKS_A_REQUEST + 1) * CHUNK_BYTES

    def get(self, request: Request, org: str) -> Response:
        options = {
            "url": f"/organizations/{org}/chunk-upload/",  # sentry-cli puts its own SENTRY_URL before it
            "chunkSize": CHUNK_BYTES,
            "chunksPerRequest": CHUNKS_A_REQUEST,
            "maxRequestSize": CHUNKS_A_REQUEST * CHUNK_BYTES,
            "maxFileSize": settings.ARTIFACT_MAX_BYTES,
            "concurrency": 1,
            "hashAlgorithm": "sha1",
            "compression": ["gzip"],
            "accept": ["release_files", "artifact_bundles", "artifact_bundles_v2"],
        }
        return Response(options)

    def post(self, request: Request, org: str) -> Response:
        actor, now = self.actor_of(request), timezone.now()
        plain, packed = request.FILES.getlist("file"), request.FILES.getlist("file_gzip")
        if not plain and not packed:
            raise Invalid("expected chunks as `file` or `file_gzip`")
        for each in plain:
            keep_chunk(actor, each.name or "", each.read(), now=now)
        for each in packed:
            content = inflated(each.read(), most=CHUNK_BYTES)
            if content is None:
                raise Invalid(f"the chunk {(each.name or '')[:40]!r} is no gzip, or has more than a chunk may")
            keep_chunk(actor, each.name or "", content, now=now)
        return Response({})


class AssembleBundle(SentryCliView):
    """Makes the release where nobody told of it yet: source maps are often uploaded first."""

    @transaction.atomic
    def post(self, request: Request, org: str) -> Response:
        said = read_object(request.data)
        version = read_text(said, "version")
        if not version:
            raise Invalid("TradeWatch keeps artifacts with their release: say which, with --release")
        projects = self.projects_of(request, read_names(said, "projects"))
        actor, now = self.actor_of(request), timezone.now()
        rows = [create_release(actor, each, Told(version), now=now).detail.release for each in projects]
        return Response(assemble(self, request, rows, said))


class AssembleRelease(SentryCliView):
    """The same as sentry-cli 2 asks for it."""

    @transaction.atomic
    def post(self, request: Request, org: str, version: str) -> Response:
        rows = self.releases_of(request, version)
        return Response(assemble(self, request, rows, read_object(request.data)))


def assemble(view: SentryCliView, request: Request, rows: Sequence[Release], said: Any) -> dict[str, Any]:
    """Return that a bundle is stored with these releases, or which chunks are missing for that."""
    checksum, chunks = read_text(said, "checksum"), read_names(said, "chunks", most=10_000)
    if not SHA1.fullmatch(checksum):
        raise Invalid("checksum is not a SHA-1: 40 hexadecimal digits")
    actor, name, dist = view.actor_of(request), f"artifact-bundle-{checksum}.zip", read_text(said, "dist")
    if artifacts_of(rows).filter(name=name, dist=dist).count() == len(rows):
        return _OK
    if missing := missing_chunks(actor, chunks):
        return {**_OK, "state": "not_found", "missingChunks": missing}
    draft = Draft(name, put_together(actor, chunks, checksum), dist)
    for row in rows:
        store_artifact(actor, row, draft, now=timezone.now())
    forget_chunks(actor, chunks)
    return _OK
