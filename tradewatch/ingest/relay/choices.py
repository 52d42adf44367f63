"""What can be relayed, under which name an upstream limits it, and what it is worth when the spool is full."""

from collections.abc import Mapping

from django.db import models


class RelayKind(models.TextChoices):
    ERRORS = "errors", "Errors"
    TRANSACTIONS = "transactions", "Transactions and spans"
    PROFILES = "profiles", "Profiles of relayed transactions"
    SESSIONS = "sessions", "Sessions"
    FEEDBACK = "feedback", "User feedback"
    CHECK_INS = "check_ins", "Check-ins of cron monitors"
    LOGS = "logs", "Log lines"
    ATTACHMENTS = "attachments", "Attachments (not scrubbed)"


class UpstreamState(models.TextChoices):
    IDLE = "idle", "Nothing sent yet"
    UP = "up", "Up"
    WAITING = "waiting", "Waiting for a rate limit"
    DOWN = "down", "Down"
    REFUSED = "refused", "Refused by TradeWatch"


SHARED = 0  # the upstream that SENTRY_DSN names; a project's own has the project's id

DEFAULT_KINDS = frozenset(
    {RelayKind.ERRORS, RelayKind.TRANSACTIONS, RelayKind.PROFILES, RelayKind.SESSIONS, RelayKind.FEEDBACK}
)
KIND_OF_TYPE: Mapping[str, RelayKind] = {
    "event": RelayKind.ERRORS,
    "transaction": RelayKind.TRANSACTIONS,
    "span": RelayKind.TRANSACTIONS,
    "profile": RelayKind.PROFILES,
    "session": RelayKind.SESSIONS,
    "sessions": RelayKind.SESSIONS,
    "feedback": RelayKind.FEEDBACK,
    "user_report": RelayKind.FEEDBACK,
    "check_in": RelayKind.CHECK_INS,
    "log": RelayKind.LOGS,
    "attachment": RelayKind.ATTACHMENTS,
}
# https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/
CATEGORY_OF_TYPE: Mapping[str, str] = {
    "event": "error",
    "transaction": "transaction",
    "span": "span",
    "profile": "profile",
    "session": "session",
    "sessions": "session",
    "feedback": "feedback",
    "user_report": "feedback",
    "check_in": "monitor",
    "log": "log_item",
    "attachment": "attachment",
}
# The least valuable first: what a full spool lets go of.
BY_WORTH = ("log_item", "attachment", "session", "span", "transaction", "feedback", "monitor", "error")
