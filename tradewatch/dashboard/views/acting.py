"""One action of a button: a service is called, and the answer is a page again, or JSON for a script (`acts.js`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme

from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault
from tradewatch.dashboard.pages import actor_of, refuse

Act = Callable[[Actor, Any], Any]


@dataclass(frozen=True, slots=True)
class Action:
    """`done` says it in the past, or makes words of what the service returned; `undo` names the action that takes it
    back, empty where nothing does."""

    act: Act
    done: str | Callable[[Any], str]
    undo: str = ""


def act(
    request: HttpRequest, action: Action, target: Any, *, title: str, undo_url: str | None, otherwise: str
) -> HttpResponse:
    """Do it and say so. `otherwise` is where to go when the browser does not say where the button was."""
    try:
        returned = action.act(actor_of(request), target)
    except Fault as fault:
        if _asks_for_json(request):
            return JsonResponse({"text": f"Not done: {_words(fault)}.", "undo": None, "failed": True})
        refuse(request, _words(fault))
        return back(request, otherwise)
    done = action.done if isinstance(action.done, str) else action.done(returned)
    text = f"{done}: {title}"
    if _asks_for_json(request):
        return JsonResponse({"text": text, "undo": undo_url, "failed": False})
    messages.success(request, text, extra_tags=undo_url or "")  # the page's toast makes an Undo of it
    return back(request, otherwise)


def _words(fault: Fault) -> str:
    """Return what was wrong, with the fields at fault: "bad condition" alone helps nobody."""
    fields = "; ".join(f"{name}: {text}" for name, texts in fault.errors.items() for text in texts)
    return f"{fault.detail} ({fields})" if fields else fault.detail


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """Return to the page of ours that the button was on, with its query."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(otherwise)
    return HttpResponseRedirect(urlsplit(referer)._replace(scheme="", netloc="").geturl())


def _asks_for_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
