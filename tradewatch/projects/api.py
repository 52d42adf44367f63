"""The base of every REST endpoint: who asks, about which projects, which window, and answers in pages."""

import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tradewatch.core import idempotency
from tradewatch.core.actors import Actor
from tradewatch.core.addresses import address_of
from tradewatch.core.faults import Invalid, Unknown
from tradewatch.core.paging import read_page
from tradewatch.core.windows import Window, parse_window
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import ApiToken, Project
from tradewatch.projects.queries import FIRST_PROJECT, named_project
from tradewatch.projects.throttles import AddressRate

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class RepeatedRequestError(Exception):
    """The request repeats one whose answer is kept."""

    def __init__(self, earlier: idempotency.Answered) -> None:
        self.response = Response(earlier.answer, status=earlier.status, headers={"Idempotency-Replayed": "true"})


class ApiView(APIView):
    """A view names the scopes its methods need; a method without one is refused.

    `write_role` is what a person needs in the project that a write touches.
    """

    read_scope: ClassVar[Scope | None] = None
    write_scope: ClassVar[Scope | None] = None
    write_role: ClassVar[Role] = Role.RESPONDER
    held_claim: idempotency.Claim | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self._limit_address(request)
        super().initial(request, *args, **kwargs)
        self._claim_idempotency_key(request)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, RepeatedRequestError):
            return exc.response
        try:
            return super().handle_exception(exc)
        except Exception:
            self._release_claim()
            raise

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.held_claim is not None:
            idempotency.keep_answer(self.held_claim, response.status_code, _as_json(response))
        return super().finalize_response(request, response, *args, **kwargs)

    # --- what views ask ------------------------------------------------------------------------------------------
    def actor_of(self, request: Request) -> Actor:
        return actor_of(request)

    def visible_project_ids(self, request: Request) -> list[int]:
        return visible_project_ids(request)

    def project_of(self, request: Request, *, write: bool) -> Project:
        """Return the project that the request names in its query or body, else the token's only one, else `default`.

        Raises `Unknown` for one the caller may not see; with `write`, `NotAllowed` without `write_role` or scope.
        """
        actor = actor_of(request)
        project = _named_project(_project_name(request), access.visible_projects(actor))
        if write:
            if self.write_scope is None:
                raise TypeError(f"{type(self).__name__} writes without a write_scope")
            access.require(actor, project.pk, self.write_role, scope=self.write_scope)
        return project

    def window_of(self, request: Request, *, default: str = "24h") -> Window:
        return parse_window(request.query_params.dict(), now=timezone.now(), default=default)

    def environment_of(self, request: Request) -> str | None:
        """Return the environment to narrow to; None: all."""
        return request.query_params.get("environment") or None

    def paginate(
        self, request: Request, rows: QuerySet[Row], present: Callable[[Row], Any], *, order: Sequence[str]
    ) -> Response:
        """Answer one page as {"results", "next"}; takes `cursor` and `limit` (up to 200) from the query."""
        page = read_page(rows, order=order, cursor=request.query_params.get("cursor"), size=page_size(request))
        return Response({"results": [present(row) for row in page.rows], "next": page.next})

    # --- before and after the handler ------------------------------------------------------------------------------
    def _limit_address(self, request: Request) -> None:
        rate = AddressRate()
        if not rate.allow_request(request, self):
            self.throttled(request, rate.wait() or 1)

    def _claim_idempotency_key(self, request: Request) -> None:
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or not key:
            return
        caller = actor_of(request)
        outcome = idempotency.claim(
            f"{caller.kind}:{caller.id}",
            f"{request.path.rstrip('/')}?{request.META.get('QUERY_STRING', '')}",
            key,
            request._request.body,
            now=timezone.now(),
        )
        if isinstance(outcome, idempotency.Answered):
            raise RepeatedRequestError(outcome)
        self.held_claim = outcome

    def _release_claim(self) -> None:
        if self.held_claim is not None:
            idempotency.release(self.held_claim)


def actor_of(request: Request) -> Actor:
    """Return who asks, for services and audit. Only for requests that passed authentication."""
    address = address_of(request._request)
    if isinstance(request.auth, ApiToken):
        return _token_actor(request, request.auth, address)
    return Actor(kind="user", id=request.user.pk, label=request.user.get_username(), address=address)


def _token_actor(request: Request, token: ApiToken, address: str | None) -> Actor:
    """Return the token with what it may, read once a request: authentication has just found it valid."""
    known: Actor | None = getattr(request, "_token_actor", None)
    if known is None:
        known = Actor(kind="token", id=token.pk, label=token.name, address=address, grant=access.grant_of(token))
        request._token_actor = known  # type: ignore[attr-defined]
    return known


def visible_project_ids(request: Request) -> list[int]:
    """Return the ids of the projects the caller may see, narrowed by `?project=` (an id or slug; else `Unknown`)."""
    projects = access.visible_projects(actor_of(request))
    name = request.query_params.get("project")
    if name:
        return [_named_project(name, projects).pk]
    return sorted(projects.values_list("id", flat=True).distinct())


def _project_name(request: Request) -> str | None:
    body = request.data if isinstance(request.data, dict) else {}
    name = request.query_params.get("project") or body.get("project")
    return None if name is None else str(name)


def _named_project(name: str | None, projects: QuerySet[Project]) -> Project:
    project = _unnamed_project(projects) if name is None else named_project(name, projects)
    if project is None:
        raise Unknown("no such project", errors={"project": ["is unknown, or not visible to you"]})
    return project


def _unnamed_project(projects: QuerySet[Project]) -> Project | None:
    found = list(projects[:2])
    return found[0] if len(found) == 1 else projects.filter(slug=FIRST_PROJECT).first()


def _as_json(response: Response) -> Any:
    """Return what the client reads: times and numbers as the renderer writes them."""
    data = getattr(response, "data", None)
    return None if data is None else json.loads(JSONRenderer().render(data))


def flag_of(request: Request, name: str) -> bool:
    """Return a query parameter that is true or false; without it False. Raises `Invalid` for anything else."""
    text = request.query_params.get(name, "").lower()
    if text not in ("", "0", "1", "true", "false"):
        raise Invalid(f"bad {name}", errors={name: ["expected true or false"]})
    return text in ("1", "true")


def page_size(request: Request) -> int:
    """Return the `limit` of the query, 50 without one. Raises `Invalid` for one that is not from 1 to 200."""
    text = request.query_params.get("limit") or str(PAGE_SIZE)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_PAGE_SIZE:
        raise Invalid("bad page size", errors={"limit": [f"expected a number from 1 to {MAX_PAGE_SIZE}"]})
    return int(text)
