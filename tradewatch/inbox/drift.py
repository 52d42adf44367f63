"""How far a client's clock is off (https://develop.sentry.dev/sdk/envelopes/, `sent_at`)."""

from datetime import UTC, datetime, timedelta

# Less is told apart from a slow network by nobody, and correcting it would blur moments that were right.
SMALLEST_DRIFT = timedelta(minutes=55)
LARGEST_DRIFT = timedelta(days=36_525)  # no clock is a century off: such a header is no time
_NONE = timedelta()


def clock_drift(sent_at: object, received_at: datetime) -> timedelta:
    """Return received - sent, to be added to the client's timestamps; zero below 55 minutes.

    `sent_at` is the envelope header as it came: ISO 8601, without a zone in UTC. Zero when it is absent or no time.
    """
    if not isinstance(sent_at, str):
        return _NONE
    try:
        sent = datetime.fromisoformat(sent_at)
        drift = received_at - (sent if sent.tzinfo else sent.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return _NONE
    return drift if SMALLEST_DRIFT <= abs(drift) <= LARGEST_DRIFT else _NONE
