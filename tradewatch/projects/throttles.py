"""Rate limits of the API, a minute: per caller once known, per address before anything is looked up."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tradewatch.core.addresses import counted_address_of
from tradewatch.core.rates import seconds_until_allowed
from tradewatch.projects.models import ApiToken


class MinuteRate(BaseThrottle):
    """Refuses what comes above the limit; `wait` becomes Retry-After."""

    retry_seconds: int | None = None

    def allow_request(self, request: Request, view: object) -> bool:
        key, limit = self.key_and_limit(request)
        self.retry_seconds = seconds_until_allowed(key, limit=limit)
        return self.retry_seconds is None

    def wait(self) -> float | None:
        return self.retry_seconds

    def key_and_limit(self, request: Request) -> tuple[str, int]:
        raise NotImplementedError


class TokenRate(MinuteRate):
    """Per token, or per person for a session."""

    def key_and_limit(self, request: Request) -> tuple[str, int]:
        caller = f"token:{request.auth.pk}" if isinstance(request.auth, ApiToken) else f"user:{request.user.pk}"
        return caller, settings.API_TOKEN_RATE_PER_MINUTE


class AddressRate(MinuteRate):
    """Per client address. `ApiView` asks it before authentication, so that guessing tokens is limited too."""

    def key_and_limit(self, request: Request) -> tuple[str, int]:
        return f"address:{counted_address_of(request._request)}", settings.API_ADDRESS_RATE_PER_MINUTE
