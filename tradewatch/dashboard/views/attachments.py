"""Attachments of an event: as a download whatever they are, as a picture only when they are one."""

from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from tradewatch.dashboard.attachments import (
    attachment_of,
    file_name,
    picture_type,
    read_chunks,
    read_chunks_async,
)
from tradewatch.dashboard.pages import page
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.families import events_of
from tradewatch.errors.models import Issue
from tradewatch.inbox.models import KeptItem

# A file that a stranger sent is never a page of ours: no script, no form, no origin.
_CLOSED = "default-src 'none'; sandbox"


@page
def download(request: HttpRequest, scope: Scope, issue_id: int, event_id: UUID, item_id: int) -> HttpResponse:
    """Stream the bytes as a file to save, without a type that a browser would open."""
    item = _item(scope, issue_id, event_id, item_id)
    answer = _stream(request, item, "application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, file_name(item)) or "attachment"
    return answer


@page
def picture(request: HttpRequest, scope: Scope, issue_id: int, event_id: UUID, item_id: int) -> HttpResponse:
    """Answer a picture by the type that its own bytes say. Everything else is not there."""
    item = _item(scope, issue_id, event_id, item_id)
    kind = picture_type(item)
    if not kind:
        raise Http404("no picture")
    return _stream(request, item, kind)


def _item(scope: Scope, issue_id: int, event_id: UUID, item_id: int) -> KeptItem:
    ids = [project.pk for project in scope.projects]
    issue = get_object_or_404(Issue, pk=issue_id, project__in=ids)
    event = get_object_or_404(events_of(issue), event_id=event_id)
    item = attachment_of(event, item_id)
    if item is None:
        raise Http404("no such attachment")
    return item


def _stream(request: HttpRequest, item: KeptItem, content_type: str) -> HttpResponse:
    chunks = read_chunks_async(item) if isinstance(request, ASGIRequest) else read_chunks(item)
    answer = StreamingHttpResponse(chunks, content_type=content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    setattr(answer, "_csp_exempt", True)  # noqa: B010  # the hook of django-csp: this answer has a stricter policy
    answer["Content-Security-Policy"] = _CLOSED
    return answer  # type: ignore[return-value]  # a page answers HttpResponseBase
