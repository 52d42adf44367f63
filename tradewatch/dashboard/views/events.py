"""/events/<id>: where every link to an event leads, before anyone knows its issue."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.models import Event

WAITS = 30  # seconds that a page waits for an event, one look a second


@page
def event(request: HttpRequest, scope: Scope, event_id: UUID) -> HttpResponse:
    """Go to the event; while it may still be on its way through the digest, look again every second."""
    ids = [project.pk for project in scope.projects]
    found = Event.objects.filter(project__in=ids, event_id=event_id).first()
    if found:
        return HttpResponseRedirect(found.get_absolute_url() + scope.query)
    looked = _looked(request.GET.get("looked", ""))
    if looked >= WAITS:
        raise Http404("no such event")
    answer = show(request, scope, "dashboard/waiting.html", {"event_id": event_id.hex}, crumb="Event", status=202)
    answer["Refresh"] = f"1; url={request.path}?looked={looked + 1}"
    return answer


def _looked(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
