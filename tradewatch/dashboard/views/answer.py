"""The page behind a message's link: what it is, how it stands, one button. Opening it changes nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alerts.answering import answer, subject_of
from alerts.links import BadLink, Link, read_link
from tradewatch.core.addresses import address_of, counted_address_of
from tradewatch.core.faults import Fault, Unknown
from tradewatch.core.rates import seconds_until_allowed

TEMPLATE = "alerts/answer.html"
TRIES_PER_MINUTE = 60  # of one address: no signature is guessed at that pace, and no person is slowed by it


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_page(request: HttpRequest, token: str) -> HttpResponse:
    if seconds_until_allowed(f"answer:{counted_address_of(request)}", limit=TRIES_PER_MINUTE):
        return _refusal(request, "Too many requests from your address. Try again in a minute.", status=429)
    try:
        link = read_link(token, now=timezone.now())
        return _act(request, link, token) if request.method == "POST" else _show(request, link)
    except BadLink as fault:
        return _refusal(request, str(fault), status=400)
    except Unknown as fault:
        return _refusal(request, fault.detail, status=404)


def _show(request: HttpRequest, link: Link, *, refused: str = "", status: int = 200) -> HttpResponse:
    context = {"subject": subject_of(link), "link": link, "refused": refused}
    return _private(render(request, TEMPLATE, context, status=status))


def _act(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    try:
        answer(link, address=address_of(request))
    except Unknown:
        raise
    except Fault as fault:
        return _show(request, link, refused=fault.detail, status=fault.status)
    return _private(redirect("answer", token=token))  # so that reloading the page does not post again


def _refusal(request: HttpRequest, text: str, *, status: int) -> HttpResponse:
    return _private(render(request, TEMPLATE, {"refused": text}, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"  # the address of this page is the right to answer
    return response
