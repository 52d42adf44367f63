import pytest

from alerts.replay.streaks import Streak, streaks

MINUTE = 60


def said(text: str) -> list[Streak]:
    """One letter a minute: f fires, - is known to be fine, ? is unknown. Windows are two minutes."""
    verdicts = [(at * MINUTE, letter == "f", letter == "-", f"{letter}{at}", "") for at, letter in enumerate(text)]
    return list(streaks(verdicts, window_seconds=2 * MINUTE))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("---", []),
        ("-f--", [(1, 3, 1)]),
        ("ff-f---", [(0, 5, 3)]),  # one fine minute in between ends nothing
        ("f--f--", [(0, 2, 1), (3, 5, 1)]),
        ("f????", [(0, None, 1)]),  # silence ends nothing
        ("f??-", [(0, 3, 1)]),
        ("-fff", [(1, None, 3)]),
    ],
)
def test_a_streak_ends_at_the_first_fine_minute_a_window_after_it_last_fired(text, expected) -> None:
    found = [(each.started // MINUTE, each.ended and each.ended // MINUTE, each.count) for each in said(text)]
    assert found == expected


def test_a_streak_keeps_the_reason_it_began_with() -> None:
    assert [each.reason for each in said("-ff---f")] == ["f1", "f6"]
