"""The item types of the envelope protocol (https://develop.sentry.dev/sdk/data-model/envelope-items/)."""

KEPT_JSON_TYPES = frozenset(
    {
        "session",
        "sessions",
        "check_in",
        "log",
        "trace_metric",
        "span",
        "client_report",
        "feedback",
        "user_report",
    }
)
REPLAY_JSON_TYPES = frozenset({"replay_event"})
REPLAY_BINARY_TYPES = frozenset({"replay_recording", "replay_video"})
WRITTEN_TYPES = ("feedback", "user_report")  # by people, about an event
COMPANION_TYPES = ("attachment", *WRITTEN_TYPES)  # an event's
PROFILE_TYPES = frozenset({"profile", "profile_chunk"})

_KNOWN = KEPT_JSON_TYPES | REPLAY_JSON_TYPES | REPLAY_BINARY_TYPES | PROFILE_TYPES
_KNOWN |= {"event", "transaction", "attachment", "statsd", "metric_buckets", "raw_security", "nel"}


def discarded_series(item_type: str) -> str:
    """Return the counter of discarded items of a type; unknown types share one: a client may invent any."""
    return f"discarded.{item_type if item_type in _KNOWN else 'unknown'}"
