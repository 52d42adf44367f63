"""Whether a client came over https, as a proxy that ends TLS says.

Its word counts only when it is one of the operator's (TRADEWATCH_TRUSTED_PROXIES).
"""

from collections.abc import Callable

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse

from tradewatch.core.addresses import is_trusted_proxy
from tradewatch.core.api import error_body

Answer = Callable[[HttpRequest], HttpResponse]
SAFE = ("GET", "HEAD")


def over_tls(answer: Answer) -> Answer:
    """Mark a request that came over https to our proxy, so that cookies, redirects and HSTS are right.

    Where the public address is https, one that the proxy says came over http is led there; a POST is refused, for what
    was in it was read on the way already.
    """

    def guarded(request: HttpRequest) -> HttpResponse:
        scheme = scheme_of(request)
        if scheme == "https":
            _mark(request)
        elif scheme == "http" and settings.PUBLIC_URL.startswith("https://"):
            if request.method in SAFE:
                return HttpResponsePermanentRedirect(settings.PUBLIC_URL + request.get_full_path())
            detail = f"this address takes requests over https alone: {settings.PUBLIC_URL}"
            return JsonResponse(error_body(detail), status=403)
        return answer(request)

    return guarded


def scheme_of(request: HttpRequest) -> str:
    """Return what our own proxy says the client came over; empty where no proxy of ours says anything.

    Of several words the last is the nearest proxy's own.
    """
    said = request.META.get("HTTP_X_FORWARDED_PROTO", "")
    if not said or not is_trusted_proxy(request.META.get("REMOTE_ADDR") or ""):
        return ""
    return str(said.rpartition(",")[2].strip().lower())


def _mark(request: HttpRequest) -> None:
    if isinstance(request, ASGIRequest):
        request.scope = {**request.scope, "scheme": "https"}
    else:
        request.META["wsgi.url_scheme"] = "https"
