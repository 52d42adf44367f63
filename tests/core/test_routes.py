import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from rest_framework.request import Request
from rest_framework.response import Response

from tests.projects.builders import bearer, make_project
from tradewatch.core.routes import both, by_method
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Endpoint(ApiView):
    write_scope = Scope.ALERTS_WRITE

    def post(self, request: Request) -> Response:
        return Response({"posted": request.data})


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the page")


urlpatterns = both("shared", by_method(page=page, api=Endpoint.as_view()), "shared")


@pytest.mark.parametrize("path", ["/shared", "/shared/"])
def test_a_page_and_an_endpoint_share_a_path(path: str) -> None:
    make_project()
    client = Client(enforce_csrf_checks=True)
    assert client.get(path).content == b"the page"
    answer = client.post(path, {"a": 1}, content_type="application/json", headers=bearer("alerts:write"))
    assert (answer.status_code, answer.json()) == (200, {"posted": {"a": 1}})


def test_the_endpoint_keeps_its_own_guards() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/shared", {}, content_type="application/json").status_code == 401


def test_the_view_is_listed_as_the_endpoint() -> None:
    view = by_method(page=page, api=Endpoint.as_view())
    assert view.cls is Endpoint  # type: ignore[attr-defined]
