"""What no view has to ask of a request, or to say of an answer."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests.projects.builders import make_user
from tradewatch.core.middleware import keep_private, refuse_nul


@pytest.mark.parametrize(
    ("said", "expected"),
    [("", {"private", "no-cache"}), ("max-age=60, public", {"max-age=60", "public"}), ("no-store", {"no-store"})],
)
def test_an_answer_is_private_unless_its_view_says_otherwise(said: str, expected: set[str]) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("x", headers={"Cache-Control": said} if said else {})

    answer = keep_private(view)(RequestFactory().get("/issues"))
    assert set(answer["Cache-Control"].split(", ")) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/issues", "/error-dashboard.html", "/admin/", "/alerts", "/account", "/nothing"])
def test_no_page_and_no_endpoint_may_be_kept_by_a_shared_cache(path: str) -> None:
    client = Client()
    client.force_login(make_user("chief", is_superuser=True))
    for host in ("testserver", "evil.example"):
        said = client.get(path, headers={"host": host, "x-forwarded-host": "evil.example"})["Cache-Control"]
        assert "private" in said or "no-store" in said


@pytest.mark.parametrize(("query", "status"), [("", 200), ("?a=b", 200), ("?a=b%00", 400), ("?a%00=b", 400)])
def test_a_nul_character_in_the_query_is_refused(query: str, status: int) -> None:
    answer = refuse_nul(lambda request: HttpResponse("x"))(RequestFactory().get(f"/issues{query}"))
    assert answer.status_code == status
