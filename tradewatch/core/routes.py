"""Routes that answer with and without a trailing slash: a redirect would turn a POST into a GET."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers


def both(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return `route` (given without slashes at its ends) with and without a trailing slash.

    Only the plain one is named, so that `reverse` gives the path of spec and documentation.
    """
    return [path(route, view, name=name), path(route + "/", view)]


def by_method(*, page: Callable[..., Any], api: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view for a path that a page and an endpoint share: `api` takes what is posted, `page` is shown.

    It passes as the API view: OpenAPI lists it, and the API view decides itself whether a POST needs a CSRF token.
    """

    @wraps(api)
    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return (api if request.method in ("POST", "OPTIONS") else page)(request, *args, **kwargs)

    return dispatch


def by_reader(*, page: Callable[..., Any], api: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view for a path that both people and programs read: a browser gets `page`, all else is for `api`.

    A program sends credentials in a header or asks for JSON. It is left out of OpenAPI: the endpoint's own route, which
    this one stands in front of, is in it; and the API view decides itself whether a request needs a CSRF token.
    """

    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        reads = request.method in ("GET", "HEAD")
        is_person = "Authorization" not in request.headers and request.accepts("text/html")
        answer = (page if reads and is_person else api)(request, *args, **kwargs)
        patch_vary_headers(answer, ["Accept", "Authorization"])
        return answer

    dispatch.csrf_exempt = True  # type: ignore[attr-defined]
    return dispatch
