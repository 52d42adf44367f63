"""Where an upstream's envelopes go, and that this is not TradeWatch itself."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from tradewatch.core.dsn import BadDsnError, Dsn, read_dsn
from tradewatch.core.encryption import OTHER_KEY
from tradewatch.core.net import Reach
from tradewatch.ingest.models import RelaySettings
from tradewatch.ingest.relay.choices import SHARED
from tradewatch.projects.models import ProjectKey


class NoTargetError(Exception):
    """Nothing may be sent there; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    dsn: Dsn
    reach: Reach


def target_of(upstream: int) -> Target | None:
    """Return where to send; None when nobody names the upstream any more. Raises `NoTargetError`.

    The one of SENTRY_DSN may be of the operator's own network; a project's own only when an administrator said so.
    """
    text, is_internal = _named(upstream)
    if not text:
        return None
    try:
        dsn = read_dsn(text)
    except BadDsnError as error:
        raise NoTargetError(str(error)) from None
    if is_ourselves(dsn):
        raise NoTargetError("it is this TradeWatch itself: its events would come back for ever")
    return Target(dsn, Reach(settings.OUTBOUND_ALLOWED_NETWORKS, internal_host=dsn.host if is_internal else ""))


def is_ourselves(dsn: Dsn) -> bool:
    """Say whether the DSN is one of our own: its key is, or its host and port are where we are reached."""
    own = urlsplit(settings.PUBLIC_URL)
    port = own.port or (443 if own.scheme == "https" else 80)
    is_here = (dsn.host.lower(), dsn.port) == ((own.hostname or "").lower(), port)
    return is_here or ProjectKey.objects.filter(public_key=dsn.key).exists()


def _named(upstream: int) -> tuple[str, bool]:
    if upstream == SHARED:
        return settings.SENTRY_DSN, True
    row = RelaySettings.objects.filter(project=upstream).first()
    if row is None:
        return "", False
    if row.has_own_upstream and not row.dsn:
        raise NoTargetError(f"its DSN is {OTHER_KEY}")
    return row.dsn, row.allows_internal
