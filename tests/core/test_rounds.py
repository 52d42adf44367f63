import threading

import pytest

from tradewatch.core.rounds import Rounds


class _Noted:
    """What a thread of rounds did, in order; `enough` is set after so many acts."""

    def __init__(self, acts: int) -> None:
        self.done: list[str] = []
        self.enough = threading.Event()
        self._acts = acts

    def act(self) -> None:
        self.done.append("act")
        if self.done.count("act") >= self._acts:
            self.enough.set()

    def last(self) -> None:
        self.done.append("last")

    def fail(self) -> None:
        self.act()
        raise ValueError("password=hunter2")


@pytest.mark.parametrize(("at_once", "expected"), [(True, ["act", "last"]), (False, ["last"])])
def test_one_that_is_stopped_before_its_second_round(at_once: bool, expected: list[str]) -> None:
    noted = _Noted(1)
    rounds = Rounds(noted.act, name="test", seconds=600, trouble="late", at_once=at_once, last=noted.last)
    rounds.start()
    if at_once:
        assert noted.enough.wait(10)
    rounds.stop()
    assert noted.done == expected


def test_a_round_that_fails_is_said_without_its_words_and_another_follows(caplog: pytest.LogCaptureFixture) -> None:
    noted = _Noted(3)
    rounds = Rounds(noted.fail, name="test", seconds=0.01, trouble="the sign is late")
    rounds.start()
    assert noted.enough.wait(10)
    rounds.stop()
    assert "the sign is late error=ValueError" in caplog.text
    assert "hunter2" not in caplog.text
