"""The ping URLs of heartbeats: `/ping/<key>`, and `/start`, `/fail`, `/log`, `/<exit code>` after it.

As Healthchecks has them (https://healthchecks.io/docs/http_api/), so that its scripts and clients work. The key is the
credential. GET, HEAD and POST alike, because cron jobs have whatever is installed.
"""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from alerts.heartbeats.choices import EntryKind
from alerts.heartbeats.services import Told, take_report
from alerts.heartbeats.states import Report
from alerts.models import Heartbeat
from tradewatch.core.addresses import counted_address_of
from tradewatch.core.rates import seconds_until_allowed
from tradewatch.inbox.scrub import scrub_text

BODY_BYTES = 10_000
PINGS_PER_MINUTE = 60  # of one heartbeat
GUESSES_PER_MINUTE = 60  # of one address: 128 random bits are not found at that pace


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ping(request: HttpRequest, key: str, signal: str = "", exit_code: int | None = None) -> HttpResponse:
    """Take a report and answer `OK`; 404 for an unknown key, 429 with Retry-After for too many."""
    row = Heartbeat.objects.filter(ping_key=key).first()
    if row is None:
        wait = seconds_until_allowed(f"ping-guess:{counted_address_of(request)}", limit=GUESSES_PER_MINUTE)
        return _slow(wait) if wait else _text("not found", 404)
    wait = seconds_until_allowed(f"ping:{row.pk}", limit=PINGS_PER_MINUTE)
    if wait:
        return _slow(wait)
    now = timezone.now()
    report = Report(_kind(signal, exit_code), now, exit_code=exit_code)
    take_report(row.pk, Told(report, body=_body(request)), now=now)
    return _text("OK", 200)


def _kind(signal: str, exit_code: int | None) -> EntryKind:
    if exit_code is not None:
        return EntryKind.SUCCESS if exit_code == 0 else EntryKind.FAIL
    return {"start": EntryKind.START, "fail": EntryKind.FAIL, "log": EntryKind.LOG}.get(signal, EntryKind.SUCCESS)


def _body(request: HttpRequest) -> str:
    """Return the first 10 KB of what was sent along, scrubbed like an event's text."""
    if request.method != "POST":
        return ""
    text = request.read(BODY_BYTES).decode("utf-8", "replace").replace("\0", "")
    return scrub_text(text) if text else ""


def _text(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _slow(seconds: int) -> HttpResponse:
    answer = _text("too many pings", 429)
    answer["Retry-After"] = str(seconds)
    return answer
