"""Who asks: a bearer token, or a staff member's session (with CSRF)."""

import hashlib
import hmac
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tradewatch.projects.access import active_tokens
from tradewatch.projects.models import ApiToken

USE_NOTED_EVERY = timedelta(minutes=1)


def secret_digest(secret: str) -> str:
    """Return what is stored of a token's secret. Plain SHA-256 is enough: the secret is 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`. Unknown, expired and revoked tokens get the same 401."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiToken] | None:
        scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = token_of(secret.strip())
        if token is None:
            raise AuthenticationFailed("the token is unknown, expired or revoked")
        note_use(token)
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="TradeWatch"'


class StaffSession(SessionAuthentication):
    """The session of the admin login, with CSRF for writes; accounts without the staff flag count as anonymous."""

    def authenticate(self, request: Request):  # type: ignore[no-untyped-def]  # as the base class declares it
        user = getattr(request._request, "user", None)
        return super().authenticate(request) if user is not None and user.is_active and user.is_staff else None


def token_of(secret: str) -> ApiToken | None:
    """Return the token whose secret this is, if it may still be used."""
    digest = secret_digest(secret)
    token = active_tokens().filter(digest=digest).first()
    return token if token is not None and hmac.compare_digest(token.digest, digest) else None


def note_use(token: ApiToken) -> None:
    """Set `last_used_at`, at most once a minute: it must not turn every read into a write."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
