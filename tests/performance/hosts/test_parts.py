import threading
import time

from tradewatch.performance.hosts.parts import BoundedParts


def test_what_hangs_costs_its_own_part_and_bounded_time() -> None:
    go_on = threading.Event()
    parts, started = BoundedParts(), time.monotonic()
    answers = parts.ask({"hangs": lambda: go_on.wait(30), "answers": lambda: True}, timeout_seconds=0.3)
    assert time.monotonic() - started < 2
    assert (dict(answers.values), answers.late, answers.failed) == ({"answers": True}, ("hangs",), ())
    go_on.set()


def test_many_that_hang_share_one_time() -> None:
    go_on = threading.Event()
    started = time.monotonic()
    answers = BoundedParts().ask({f"disk:{n}": lambda: go_on.wait(30) for n in range(10)}, timeout_seconds=0.3)
    assert len(answers.late) == 10
    assert time.monotonic() - started < 2
    go_on.set()


def test_what_still_hangs_is_not_begun_again_until_it_came_back() -> None:
    go_on, begun = threading.Event(), []

    def hang() -> str:
        begun.append(1)
        go_on.wait(30)
        return "at last"

    parts = BoundedParts()
    for _ in range(3):
        assert parts.ask({"disk:/mnt": hang}, timeout_seconds=0.05).late == ("disk:/mnt",)
    assert len(begun) == 1
    go_on.set()
    deadline = time.monotonic() + 5
    while not (answers := parts.ask({"disk:/mnt": hang}, timeout_seconds=1)).values and time.monotonic() < deadline:
        pass
    assert answers.values == {"disk:/mnt": "at last"}


def test_what_comes_late_is_not_taken_for_the_next_answer() -> None:
    go_on = threading.Event()
    parts = BoundedParts()
    first = parts.ask({"slow": lambda: go_on.wait(30)}, timeout_seconds=0.05)
    go_on.set()
    time.sleep(0.1)
    assert first.values == {}


def test_what_fails_is_named_and_the_others_answer() -> None:
    def fail() -> int:
        raise PermissionError("not for you")

    answers = BoundedParts().ask({"fails": fail, "answers": lambda: 1}, timeout_seconds=5)
    assert (dict(answers.values), answers.late, answers.failed) == ({"answers": 1}, (), ("fails",))
