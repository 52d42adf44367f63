"""What no view should have to ask of a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBadRequest
from django.utils.cache import patch_cache_control

from tradewatch.core.api import error_body, wants_json

Answer = Callable[[HttpRequest], HttpResponse]


def refuse_nul(answer: Answer) -> Answer:
    """Answer 400 to a NUL character in the query: no text holds one, and PostgreSQL refuses it as a value."""

    def guarded(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        names = [name for name in request.GET if "\0" in name + "".join(request.GET.getlist(name))] if query else []
        if not names:
            return answer(request)
        if not wants_json(request):
            return HttpResponseBadRequest("The address holds a NUL character.", content_type="text/plain")
        errors = {name.replace("\0", ""): ["must not contain NUL characters"] for name in names}
        return JsonResponse(error_body("the request is not valid", errors), status=400)

    return guarded


def keep_private(answer: Answer) -> Answer:
    """Let no cache between us and a browser keep what was answered for one person, unless a view says otherwise."""

    def guarded(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return guarded
