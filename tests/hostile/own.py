"""What everybody may write: their own sessions, notes of what they looked at, preferences. Nothing of a project."""

from typing import Any

from django.contrib.auth.models import User

# Rows of these tables are a person's own; each must name the person who wrote it.
OWN = {
    "accounts.SessionRecord": "user_id",
    "accounts.Authenticator": "user_id",
    "auth.User": "id",
}
# Written by the frame itself, and about nothing.
MACHINERY = {"sessions.Session", "core.IdempotentAnswer", "admin.LogEntry", "axes.AccessAttempt"}


def not_ones_own(changes: list[tuple[str, Any, Any]], username: str) -> list[tuple[str, Any, Any]]:
    """Return the changes that are not of the person's own things."""
    user = User.objects.get(username=username)
    return [change for change in changes if not _is_own(*change, user=user)]


def _is_own(table: str, old: dict[str, Any] | None, new: dict[str, Any] | None, *, user: User) -> bool:
    if table in MACHINERY:
        return True
    if table == "auth.User":
        kept = {"is_superuser", "is_staff", "is_active", "username", "password"}
        return bool(old and new and old["id"] == user.pk and all(old[name] == new[name] for name in kept))
    if table == "core.AuditEntry":
        return old is None and new is not None and new["object_type"] in {each.lower() for each in OWN}
    column = OWN.get(table)
    return column is not None and all(row is None or row[column] == user.pk for row in (old, new))
