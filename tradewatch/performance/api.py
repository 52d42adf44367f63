"""/health: for whoever asks whether TradeWatch runs. Open to the world; says no more than that."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from tradewatch.performance.readiness import DEFAULT_CHECKS, readiness


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer that this process runs. Touches no dependency: a database that is away must not restart the web."""
    return JsonResponse({"status": "ok", "version": settings.VERSION})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when everything TradeWatch needs works, else 503, check by check."""
    checks = readiness(DEFAULT_CHECKS)
    is_ready = all(check["status"] == "ok" for check in checks.values())
    return JsonResponse({"status": "ok" if is_ready else "failing", "checks": checks}, status=200 if is_ready else 503)
