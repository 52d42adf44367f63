"""Calendar feeds of who is on call. The secret in the address stands for a login; nothing but shifts is told."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts.oncall.feeds import feed_body, feed_of
from tradewatch.core.addresses import counted_address_of
from tradewatch.core.rates import seconds_until_allowed

TRIES_PER_MINUTE = 60  # of one address: no secret is guessed at that pace, and calendars ask once an hour


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    if wait := seconds_until_allowed(f"feed:{counted_address_of(request)}", limit=TRIES_PER_MINUTE):
        return HttpResponse("Too many requests", status=429, headers={"Retry-After": str(wait)})
    now = timezone.now()
    found = feed_of(secret, now=now)
    if found is None:
        raise Http404("no such feed")
    answer = HttpResponse(feed_body(found, now=now), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=300"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Content-Disposition"] = 'inline; filename="on-call.ics"'
    return answer
