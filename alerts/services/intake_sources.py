"""Sources of alerts: each with a key of its own, shown once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from alerts.choices import AlertSeverity
from alerts.models import IntakeSource
from tradewatch.core.faults import Invalid

USE_NOTED_EVERY = timedelta(minutes=1)


def new_intake_key() -> str:
    """Return a key of 32 letters and digits, as long as a PagerDuty routing key: clients check that."""
    return secrets.token_hex(16)


def key_digest(key: str) -> str:
    """Plain SHA-256 is enough: the key is 128 random bits."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def give_new_key(source: IntakeSource) -> str:
    """Set a new key on the unsaved change of `source` and return it; the one before stops working when it is saved."""
    key = new_intake_key()
    source.prefix, source.digest = key[:6], key_digest(key)
    return key


def source_of(key: str) -> IntakeSource | None:
    """Return the enabled source whose key this is."""
    rows = IntakeSource.objects.select_related("project").filter(is_enabled=True)
    return rows.filter(digest=key_digest(key)).first() if key else None


def note_use(source: IntakeSource, *, now: datetime) -> None:
    """Set `last_used_at`, at most once a minute."""
    if source.last_used_at is None or source.last_used_at < now - USE_NOTED_EVERY:
        IntakeSource.objects.filter(pk=source.pk).update(last_used_at=now)


def check_source(source: IntakeSource) -> None:
    """Raise `Invalid` for a severity map that maps to no severity of ours."""
    words = source.severity_map
    if not isinstance(words, dict):
        raise Invalid("bad source", errors={"severity_map": ["expected an object, their words to ours"]})
    bad = [str(ours) for ours in words.values() if ours not in AlertSeverity.values]
    if bad:
        expected = ", ".join(AlertSeverity.values)
        raise Invalid("bad source", errors={"severity_map": [f"{bad[0]} is no severity: expected {expected}"]})
