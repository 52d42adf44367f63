"""What every REST endpoint shares: errors as `{"detail", "errors"}`."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import exception_handler

from tradewatch.core.faults import Fault

API_PREFIXES = ("/api/", "/error-tracking", "/performance", "/alerts", "/release", "/sla", "/debug", "/health", "/v2/")


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the JSON answer to `error`; None for a surprise, which Django then logs and answers with 500."""
    if isinstance(error, Fault):
        return Response(error_body(error.detail, error.errors), status=error.status)
    if isinstance(error, RequestDataTooBig):
        return Response(error_body("the body is too large"), status=413)
    response = exception_handler(error, context)  # sets WWW-Authenticate and Retry-After
    if response is None:
        return None
    if isinstance(error, ValidationError):
        response.data = error_body("the request is not valid", flat_errors(error.detail))
    elif isinstance(error, ParseError):
        response.data = error_body(str(error.detail), {"body": ["is not JSON"]})
    elif isinstance(error, APIException):
        response.data = error_body(str(error.detail))
    else:  # Http404 and PermissionDenied of Django
        response.data = error_body(str(response.data["detail"]))
    return response


def read_as(form: type[Serializer[Any]], data: Any) -> Any:
    """Return the values of a body or a query, as `form` reads them. Raises `ValidationError` by field."""
    asked = form(data=data)
    asked.is_valid(raise_exception=True)
    return asked.validated_data


def flat_errors(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Return {dotted field: texts} of a serializer's nested errors; what belongs to no field is under `body`."""
    if isinstance(detail, Mapping):
        parts = {str(key): value for key, value in detail.items()}
    elif isinstance(detail, list) and any(isinstance(part, Mapping) for part in detail):
        parts = {str(number): part for number, part in enumerate(detail)}
    else:
        texts = detail if isinstance(detail, list) else [detail]
        return {path or "body": [str(text) for text in texts]}
    found: dict[str, list[str]] = {}
    for name, part in parts.items():
        inner = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
        found |= flat_errors(part, inner) if part else {}
    return found


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400: JSON under the API's paths, else the page."""
    if wants_json(request):
        return JsonResponse(error_body("the request is not valid"), status=400)
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 404: JSON under the API's paths, else the page."""
    if wants_json(request):
        return JsonResponse(error_body("there is nothing at this path"), status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's 500: JSON under the API's paths, else the page."""
    if wants_json(request):
        return JsonResponse(error_body("an error inside TradeWatch; it is in the log"), status=500)
    return defaults.server_error(request)


def wants_json(request: HttpRequest) -> bool:
    """Return whether a program asked: under an API's path, and not a browser (pages live under some of them)."""
    return is_for_program(request.path, request.headers.get("Accept", ""))


def is_for_program(path: str, accept: str) -> bool:
    return path.startswith(API_PREFIXES) and "text/html" not in accept


def error_body(detail: str, errors: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    """Return the shape of every refusal."""
    return {"detail": detail, "errors": dict(errors or {})}
