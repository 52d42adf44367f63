from datetime import timedelta

import pytest

from alerts.choices import AlertSeverity, AlertState, DeliveryEvent
from alerts.retries import MAX_ATTEMPTS, delay_after, is_sent_again


def test_eight_attempts_with_growing_waits() -> None:
    waits = [delay_after(attempts) for attempts in range(1, MAX_ATTEMPTS)]
    assert MAX_ATTEMPTS == 8
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10)]
    assert waits == sorted(waits)  # type: ignore[type-var]
    assert delay_after(MAX_ATTEMPTS) is None


@pytest.mark.parametrize(
    ("severity", "event", "state", "attempts", "again"),
    [
        ("critical", "firing", "firing", 1, True),
        ("critical", "resolved", "resolved", 1, True),
        ("critical", "firing", "resolved", 1, False),
        ("critical", "firing", "firing", MAX_ATTEMPTS, False),
        ("error", "firing", "firing", 1, False),
    ],
)
def test_only_critical_mails_are_repeated_when_unknown(
    severity: str, event: str, state: str, attempts: int, again: bool
) -> None:
    told = is_sent_again(
        severity=AlertSeverity(severity), event=DeliveryEvent(event), state=AlertState(state), attempts=attempts
    )
    assert told is again
