"""An artifact as a download: bytes to save, whatever they are, and never a page of ours."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from releases.models import ReleaseArtifact

_CLOSED = "default-src 'none'; sandbox"


def download(row: ReleaseArtifact) -> HttpResponse:
    answer = HttpResponse(bytes(row.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, file_name(row.name)) or "attachment"
    answer["Content-Security-Policy"] = _CLOSED
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def file_name(name: str) -> str:
    """Return the last part of an artifact's name, as a file may be called anywhere: `app.js` of `~/static/app.js`."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2].lstrip(".").strip()
    return "".join("_" if each in '<>:"|?*' else each for each in last)[:150] or "artifact"
