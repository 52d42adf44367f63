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


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"), [(1, None, 30), (1, 10, 30), (1, 300, 300), (7, 60, 14400), (8, 60, None)]
)
def test_a_receiver_that_asks_for_patience_gets_it(attempts: int, asked: int | None, seconds: int | None) -> None:
    delay = delay_after(attempts, asked=None if asked is None else timedelta(seconds=asked))
    assert delay == (None if seconds is None else timedelta(seconds=seconds))
