from typing import Any

from tradewatch.dashboard.document import read_document
from tradewatch.dashboard.document.threads import Threads


def thread(name: str, number: str, **fields: Any) -> dict[str, Any]:
    frames = {"frames": [{"filename": f"{name}.py", "function": "run", "in_app": True}]}
    return {"id": number, "name": name, "stacktrace": frames, **fields}


def threads_of(document: dict[str, Any], chosen: str = "") -> Threads:
    found = read_document(document, thread=chosen).threads
    assert found is not None
    return found


ROWS = [thread("pool", "1"), thread("main", "2", current=True), thread("feed", "3", crashed=True, state="RUNNABLE")]


def test_the_crashed_thread_stands_first_with_its_state_and_its_stack() -> None:
    found = threads_of({"threads": {"values": ROWS}})
    assert [(row.name, row.state) for row in found.rows] == [
        ("feed", "crashed, runnable"),
        ("main", "current"),
        ("pool", ""),
    ]
    assert found.stack and found.stack.frames[0].file == "feed.py"


def test_another_can_be_chosen_and_an_unknown_one_is_none() -> None:
    document = {"threads": {"values": ROWS}, "exception": {"values": [{"type": "E", "value": ""}]}}
    chosen = threads_of(document, "1")
    assert chosen.stack and chosen.stack.frames[0].file == "pool.py"
    assert [row.is_chosen for row in chosen.rows] == [False, False, True]
    assert threads_of(document, "99").stack is None


def test_beside_an_exception_no_stack_is_shown_twice() -> None:
    assert (
        threads_of({"threads": {"values": ROWS}, "exception": {"values": [{"type": "E", "value": ""}]}}).stack is None
    )


def test_an_event_without_threads_has_none() -> None:
    assert read_document({}).threads is None
