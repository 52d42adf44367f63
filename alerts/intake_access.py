"""Who sends alerts: an API token or a source's key, as bearer token or, where a client can only that, as password."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from alerts.models import IntakeSource
from alerts.services.intake_sources import note_use, source_of
from tradewatch.core.actors import Actor
from tradewatch.core.rates import seconds_until_allowed
from tradewatch.projects import authentication
from tradewatch.projects.access import covers
from tradewatch.projects.api import ApiView, actor_of
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import ApiToken, Project
from tradewatch.projects.throttles import TokenRate

REQUESTS_PER_MINUTE = 600  # of one source; Prometheus sends each minute and at each change


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, for which project, and the source whose labels they are (None: an API token)."""

    actor: Actor
    project: Project
    source: IntakeSource | None


class IntakeAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`, or Basic with any name and the key as password."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiToken | IntakeSource] | None:
        key = _given_key(request.headers.get("Authorization", ""))
        if key is None:
            return None
        found: IntakeSource | ApiToken | None = source_of(key)
        if isinstance(found, IntakeSource):
            note_use(found, now=timezone.now())
            return AnonymousUser(), found
        found = authentication.token_of(key)
        if found is None:
            raise AuthenticationFailed("the key is unknown, expired, revoked or switched off")
        authentication.note_use(found)
        return AnonymousUser(), found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="TradeWatch"'


class MaySend(BasePermission):
    """A source may send and read its own; a token needs the scope for it."""

    message = "not allowed"

    def has_permission(self, request: Request, view: object) -> bool:
        if isinstance(request.auth, IntakeSource):
            return True
        scope = Scope.ALERTS_READ if request.method == "GET" else Scope.ALERTS_WRITE
        self.message = f"the token needs the scope {scope}"
        return isinstance(request.auth, ApiToken) and covers(request.auth.scopes, scope)


class SenderRate(BaseThrottle):
    """A limit for each source, and the usual one for tokens."""

    retry_seconds: float | None = None

    def allow_request(self, request: Request, view: object) -> bool:
        if not isinstance(request.auth, IntakeSource):
            usual = TokenRate()
            allowed = usual.allow_request(request, view)
            self.retry_seconds = usual.wait()
            return allowed
        self.retry_seconds = seconds_until_allowed(f"intake:{request.auth.pk}", limit=REQUESTS_PER_MINUTE)
        return self.retry_seconds is None

    def wait(self) -> float | None:
        return self.retry_seconds


class IntakeView(ApiView):
    """The base of what other systems post to. No session: a page of another site must not send alerts."""

    authentication_classes = [IntakeAuthentication]
    permission_classes = [MaySend]
    throttle_classes = [SenderRate]
    read_scope = Scope.ALERTS_READ
    write_scope = Scope.ALERTS_WRITE

    def sender_of(self, request: Request, *, write: bool = True) -> Sender:
        if isinstance(request.auth, IntakeSource):
            return sender_of_source(request.auth)
        project = self.project_of(request, write=write)
        return Sender(actor_of(request), project, None)


def sender_of_source(source: IntakeSource) -> Sender:
    return Sender(Actor(kind="system", id=None, label=source.name), source.project, source)


def _given_key(header: str) -> str | None:
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest.strip(), validate=True).decode("utf-8", "replace").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


class IntakeScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself when defined
    target_class = "alerts.intake_access.IntakeAuthentication"
    name = "intake"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "an API token, or the key of a source of alerts"}
