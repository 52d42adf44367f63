from datetime import timedelta

import pytest

from alerts.retries import MAX_ATTEMPTS, delay_after, is_sent_again


def test_eight_attempts_with_growing_waits() -> None:
    waits = [delay_after(attempts) for attempts in range(1, MAX_ATTEMPTS)]
    assert MAX_ATTEMPTS == 8
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10)]
    assert waits == sorted(waits)  # type: ignore[type-var]
    assert delay_after(MAX_ATTEMPTS) is None


@pytest.mark.parametrize(
    ("is_critical", "is_end", "is_safe", "is_over", "attempts", "again"),
    [
        (True, False, False, False, 1, True),
        (False, True, False, False, 1, True),  # by then nothing critical is left in its group
        (False, False, True, False, 1, True),  # the receiver drops what it had
        (False, False, False, False, 1, False),
        (True, False, True, True, 1, False),
        (True, True, True, False, MAX_ATTEMPTS, False),
    ],
)
def test_what_may_have_arrived_is_repeated_where_it_is_critical_an_end_or_harmless(
    is_critical: bool, is_end: bool, is_safe: bool, is_over: bool, attempts: int, again: bool
) -> None:
    told = is_sent_again(is_critical=is_critical, is_end=is_end, is_safe=is_safe, is_over=is_over, attempts=attempts)
    assert told is again


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"),
    [(1, None, 30), (1, 10, 30), (1, 300, 300), (7, 60, 14400), (8, 60, None)],
)
def test_a_receiver_that_asks_for_patience_gets_it(attempts: int, asked: int | None, seconds: int | None) -> None:
    delay = delay_after(attempts, asked=None if asked is None else timedelta(seconds=asked))
    assert delay == (None if seconds is None else timedelta(seconds=seconds))
