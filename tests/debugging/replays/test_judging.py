"""Whether the same error came back: what is told by what has arrived."""

from uuid import UUID

import pytest

from debugging.choices import Reproduced
from debugging.replays.reproduced import Arrived, judge

ONE, TWO = UUID(int=1), UUID(int=2)
NOTHING, REPORTED = Arrived(), Arrived(reported=True, release="api@2")


@pytest.mark.parametrize(
    ("arrived", "status", "was_unhandled", "is_over", "found", "words"),
    [
        (Arrived(same=ONE), 500, True, False, "yes", "The same error came back"),
        (Arrived(same=ONE, other=TWO), None, True, False, "yes", "The same error came back"),
        (Arrived(other=TWO, other_title="ValueError"), 500, True, False, "other", "trace: ValueError"),
        (REPORTED, 201, True, False, "no", "reported this request (api@2), and no error"),
        (REPORTED, 401, True, False, "no", "it may not have come as far"),
        (REPORTED, None, True, False, "pending", ""),
        (REPORTED, None, True, True, "unknown", "no answer came"),
        (NOTHING, 201, True, False, "pending", ""),
        (NOTHING, 201, True, True, "no", "By its answer alone: 201"),
        (NOTHING, 201, False, True, "unknown", "reports to another project or not at all"),
        (NOTHING, 401, True, True, "unknown", "not at all"),
        (NOTHING, 500, True, True, "unknown", "not at all"),
        (NOTHING, None, True, True, "unknown", "not at all"),
    ],
)
def test_judging(
    arrived: Arrived, status: int | None, was_unhandled: bool, is_over: bool, found: str, words: str
) -> None:
    told = judge(arrived, status=status, was_unhandled=was_unhandled, is_over=is_over)
    assert told.found == Reproduced(found) and words in told.why
    assert told.event_id == (arrived.same or arrived.other)


def test_a_report_without_an_error_says_nothing_at_once() -> None:
    """Many workers may digest the transaction before the error that came before it."""
    early = judge(REPORTED, status=201, was_unhandled=True, is_over=False, is_early=True)
    assert early.found == Reproduced.PENDING
    same = judge(Arrived(same=ONE), status=500, was_unhandled=True, is_over=False, is_early=True)
    assert same.found == Reproduced.YES
