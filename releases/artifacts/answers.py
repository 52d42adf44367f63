"""An artifact as a download: bytes to save, whatever they are, and never a page of ours."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from releases.models import ReleaseArtifact
from tradewatch.core.file_names import safe_file_name

_CLOSED = "default-src 'none'; sandbox"


def download(row: ReleaseArtifact) -> HttpResponse:
    answer = HttpResponse(bytes(row.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = (
        content_disposition_header(True, safe_file_name(row.name) or "artifact") or "attachment"
    )
    answer["Content-Security-Policy"] = _CLOSED
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
