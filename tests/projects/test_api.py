"""The API base, through a small endpoint of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import Http404
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from tests.projects.builders import bearer, make_project, make_token, make_user
from tradewatch.core.faults import Conflict
from tradewatch.core.models import AuditEntry, IdempotentAnswer
from tradewatch.core.routes import both
from tradewatch.projects.api import ApiView, actor_of
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Probe(ApiView):
    read_scope = Scope.ERRORS_READ
    write_scope = Scope.ERRORS_WRITE
    calls: list[str] = []

    def get(self, request: Request) -> Response:
        window = self.window_of(request)
        return Response({"projects": self.visible_project_ids(request), "seconds": window.seconds})

    def post(self, request: Request) -> Response:
        self.calls.append(actor_of(request).label)
        match request.data.get("do"):
            case "conflict":
                raise Conflict("not in this state")
            case "lost":
                raise Http404
            case "break":
                raise RuntimeError("a surprise")
        return Response({"project": self.project_of(request, write=True).slug, "at": timezone.now()}, status=201)


class ReadOnly(ApiView):
    read_scope = Scope.ERRORS_READ

    def post(self, request: Request) -> Response:
        return Response({})


class Projects(ApiView):
    read_scope = Scope.ERRORS_READ

    def get(self, request: Request) -> Response:
        return self.paginate(request, Project.objects.all(), lambda row: row.slug, order=("-name", "-id"))


urlpatterns = [
    *both("probe", Probe.as_view(), "probe"),
    *both("read-only", ReadOnly.as_view(), "read-only"),
    *both("projects", Projects.as_view(), "projects"),
    path("api/gone", lambda request: (_ for _ in ()).throw(Http404), name="gone"),
    path("api/broken", lambda request: 1 / 0),
]
handler404 = "tradewatch.core.api.page_not_found"
handler500 = "tradewatch.core.api.server_error"


@pytest.fixture(autouse=True)
def _clean() -> None:
    Probe.calls.clear()


def post(client: Client, body: object, **headers: str):
    return client.post("/probe", body, content_type="application/json", headers=headers)


# --- who may ask ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("route", ["/probe", "/probe/"])
def test_without_credentials_the_answer_is_401_and_says_how(client: Client, route: str) -> None:
    answer = client.get(route)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["errors"] == {}


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "bearer tw_x"])
def test_an_unknown_token_is_401(client: Client, header: str) -> None:
    assert client.get("/probe", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "get", "write"),
    [
        (["errors:read"], 200, 403),
        (["errors:write"], 200, 201),
        (["*"], 200, 201),
        (["alerts:write"], 403, 403),
        (["admin"], 403, 403),
    ],
)
def test_a_token_needs_the_scope(client: Client, scopes: list[str], get: int, write: int) -> None:
    make_project()
    headers = bearer(*scopes)
    assert client.get("/probe", headers=headers).status_code == get
    assert post(client, {}, **headers).status_code == write


@pytest.mark.parametrize("gone", [{"expires_at": -1}, {"revoked_at": -1}])
def test_an_expired_or_revoked_token_is_401(client: Client, gone: dict[str, int]) -> None:
    fields = {name: timezone.now() + timedelta(seconds=seconds) for name, seconds in gone.items()}
    assert client.get("/probe", headers=bearer("*", **fields)).status_code == 401


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(client: Client) -> None:
    token, secret = make_token("*")
    headers = {"Authorization": f"Bearer {secret}"}
    client.get("/probe", headers=headers)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    client.get("/probe", headers=headers)
    token.refresh_from_db()
    assert token.last_used_at == first
    token.last_used_at = first - timedelta(minutes=2)
    token.save(update_fields=["last_used_at"])
    client.get("/probe", headers=headers)
    token.refresh_from_db()
    assert token.last_used_at > first - timedelta(minutes=1)


def test_a_method_without_a_scope_is_refused_even_to_the_strongest(client: Client) -> None:
    assert client.post("/read-only", {}, content_type="application/json", headers=bearer("*")).status_code == 403
    client.force_login(make_user("root", is_superuser=True))
    assert client.post("/read-only", {}, content_type="application/json").status_code == 403


def test_a_method_that_a_view_lacks_is_405_to_those_with_credentials(client: Client) -> None:
    assert client.delete("/read-only").status_code == 401
    assert client.delete("/read-only", headers=bearer("sla:read")).status_code == 405
    assert client.post("/projects", {}, content_type="application/json", headers=bearer("*")).status_code == 405


def test_a_staff_session_reads_and_an_account_without_the_flag_does_not(client: Client) -> None:
    client.force_login(make_user("ann", role=Role.VIEWER))
    assert client.get("/probe").status_code == 200
    client.force_login(make_user("bob", role=Role.VIEWER, is_staff=False))
    assert client.get("/probe").status_code == 401


def test_a_session_writes_by_its_role_and_only_with_the_csrf_token() -> None:
    user = make_user("ann", role=Role.RESPONDER)
    checked = Client(enforce_csrf_checks=True)
    checked.force_login(user)
    assert post(checked, {}).status_code == 403
    checked.cookies["csrftoken"] = "a" * 32
    assert post(checked, {}, **{"X-CSRFToken": "a" * 32}).status_code == 201
    viewer = Client()
    viewer.force_login(make_user("vic", role=Role.VIEWER))
    assert post(viewer, {}).status_code == 403


# --- which projects --------------------------------------------------------------------------------------------
def test_reads_are_narrowed_to_what_the_caller_sees_and_names(client: Client) -> None:
    one, two = make_project("one"), make_project("two")
    make_project("three")
    headers = bearer("*", projects=[one, two])
    assert client.get("/probe", headers=headers).json()["projects"] == [one.pk, two.pk]
    assert client.get("/probe?project=two", headers=headers).json()["projects"] == [two.pk]
    assert client.get(f"/probe?project={one.pk}", headers=headers).json()["projects"] == [one.pk]
    answer = client.get("/probe?project=three", headers=headers)
    assert (answer.status_code, list(answer.json()["errors"])) == (404, ["project"])


@pytest.mark.parametrize("name", ["nope", "999", "-1", "1.5", "9" * 40, "²"])
def test_an_unknown_project_is_404(client: Client, name: str) -> None:
    make_project()
    assert client.get("/probe", {"project": name}, headers=bearer("*")).status_code == 404


def test_a_write_without_a_project_means_the_only_one_else_default(client: Client) -> None:
    only = make_project("only")
    assert post(client, {}, **bearer("*")).json()["project"] == "only"
    make_project("other")
    assert post(client, {}, **bearer("*", projects=[only])).json()["project"] == "only"
    assert post(client, {}, **bearer("*")).status_code == 404
    make_project("default")
    assert post(client, {}, **bearer("*")).json()["project"] == "default"
    assert post(client, {"project": "other"}, **bearer("*")).json()["project"] == "other"
    assert post(client, {"project": "other"}, **bearer("*", projects=[only])).status_code == 404


# --- errors ----------------------------------------------------------------------------------------------------
def test_faults_and_surprises_are_json() -> None:
    client = Client(raise_request_exception=False)
    make_project()
    headers = bearer("*")
    assert post(client, {"do": "conflict"}, **headers).status_code == 409
    assert post(client, {"do": "conflict"}, **headers).json() == {"detail": "not in this state", "errors": {}}
    assert post(client, {"do": "lost"}, **headers).status_code == 404
    unreadable = client.post("/probe", "{", content_type="application/json", headers=headers)
    assert (unreadable.status_code, unreadable.json()["errors"]) == (400, {"body": ["is not JSON"]})
    assert client.put("/probe", {}, content_type="application/json", headers=headers).status_code == 405
    assert client.get("/probe?window=2y", headers=headers).json()["errors"].keys() == {"window"}


def test_django_answers_json_under_the_api_and_pages_to_browsers() -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/api/gone").json() == {"detail": "there is nothing at this path", "errors": {}}
    assert client.get("/error-tracking/nothing").status_code == 404
    assert client.get("/error-tracking/nothing")["Content-Type"] == "application/json"
    assert client.get("/api/gone", headers={"Accept": "text/html"})["Content-Type"].startswith("text/html")
    assert client.get("/elsewhere")["Content-Type"].startswith("text/html")
    broken = client.get("/api/broken")
    assert (broken.status_code, broken["Content-Type"]) == (500, "application/json")


# --- pages -----------------------------------------------------------------------------------------------------
def test_a_list_comes_in_pages_that_miss_and_repeat_nothing(client: Client) -> None:
    for number in range(5):
        make_project(f"p{number}", name="same" if number % 2 else f"name {number}")
    headers, seen, url = bearer("*"), [], "/projects?limit=2"
    while True:
        page = client.get(url, headers=headers).json()
        seen += page["results"]
        if page["next"] is None:
            break
        make_project(f"late{len(seen)}", name="zzz")  # arrives before what was read: no row moves
        url = f"/projects?limit=2&cursor={page['next']}"
    assert seen == ["p3", "p1", "p4", "p2", "p0"]


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=x", "limit"), ("limit=999", "limit"), ("cursor=!", "cursor")]
)
def test_a_bad_page_request_names_its_field(client: Client, query: str, field: str) -> None:
    answer = client.get(f"/projects?{query}", headers=bearer("*"))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


# --- rate limits -------------------------------------------------------------------------------------------------
@pytest.fixture
def _frozen() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 10, 5, 12, 0, 40, tzinfo=UTC), tick=False):
        yield


@pytest.mark.usefixtures("_frozen")
@override_settings(API_TOKEN_RATE_PER_MINUTE=3)
def test_a_token_above_its_rate_gets_429_until_the_minute_ends_and_another_does_not(client: Client) -> None:
    first, second = bearer("*"), bearer("*")
    assert [client.get("/probe", headers=first).status_code for _ in range(4)] == [200, 200, 200, 429]
    limited = client.get("/probe", headers=first)
    assert (limited.status_code, limited["Retry-After"], limited.json()["errors"]) == (429, "20", {})
    assert client.get("/probe", headers=second).status_code == 200
    with time_machine.travel(datetime(2026, 10, 5, 12, 1, 0, tzinfo=UTC), tick=False):
        assert client.get("/probe", headers=first).status_code == 200


@pytest.mark.usefixtures("_frozen")
@override_settings(API_ADDRESS_RATE_PER_MINUTE=3)
def test_guessing_tokens_from_one_address_ends_in_429(client: Client) -> None:
    guesses = [
        client.get("/probe", headers={"Authorization": f"Bearer {n}"}, REMOTE_ADDR="192.0.2.9").status_code
        for n in range(5)
    ]
    assert guesses == [401, 401, 401, 429, 429]
    assert client.get("/probe", headers=bearer("*"), REMOTE_ADDR="192.0.2.9").status_code == 429
    assert client.get("/probe", REMOTE_ADDR="192.0.2.10").status_code == 401


# --- idempotency -------------------------------------------------------------------------------------------------
def test_the_same_key_gets_the_first_answer_and_does_nothing_again(client: Client) -> None:
    make_project()
    headers = {**bearer("*"), "Idempotency-Key": "k1"}
    first, second = post(client, {"a": 1}, **headers), post(client, {"a": 1}, **headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert len(Probe.calls) == 1
    slashed = client.post("/probe/", {"a": 1}, content_type="application/json", headers=headers)
    assert slashed.json() == first.json() and len(Probe.calls) == 1


def test_another_body_with_the_same_key_is_409_and_another_caller_is_free(client: Client) -> None:
    make_project()
    headers = {**bearer("*"), "Idempotency-Key": "k1"}
    post(client, {"a": 1}, **headers)
    assert post(client, {"a": 2}, **headers).status_code == 409
    assert post(client, {"a": 2}, **{**bearer("*"), "Idempotency-Key": "k1"}).status_code == 201


@pytest.mark.parametrize(("do", "status"), [("conflict", 409), ("break", 500)])
def test_a_refused_or_broken_request_frees_its_key(do: str, status: int) -> None:
    client = Client(raise_request_exception=False)
    make_project()
    headers = {**bearer("*"), "Idempotency-Key": "k1"}
    assert post(client, {"do": do}, **headers).status_code == status
    assert not IdempotentAnswer.objects.exists()
    assert post(client, {}, **headers).status_code == 201


def test_reads_ignore_the_key_and_nothing_is_audited_by_asking(client: Client) -> None:
    client.get("/probe", headers={**bearer("*"), "Idempotency-Key": "k1"})
    assert not IdempotentAnswer.objects.exists()
    assert not AuditEntry.objects.exists()
