from typing import Any

from tests.dashboard.builders import DOCUMENT
from tradewatch.dashboard.document import budget, read_document
from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.frames import Stack, read_stack, with_details


def frame(file: str = "app/a.py", function: str = "f", line: int = 1, *, ours: bool = True, **more: Any) -> dict:
    return {"filename": file, "function": function, "lineno": line, "in_app": ours, **more}


def stack_of(*frames: dict) -> Stack:
    stack = read_stack({"frames": list(frames)}, Budget(budget.FRAME_LINES))
    return with_details([stack], Budget(budget.FRAME_DETAILS), platform="python")[0]


def test_our_frames_stand_alone_and_library_frames_fold() -> None:
    stack = read_document(DOCUMENT).exceptions[0].stack
    ours, folded = stack.grouped(is_folded=True)
    assert ours.frames[0].file == "app/risk/margin.py"
    assert ours.is_first_detailed
    assert folded.label == "2 frames of fastapi, starlette"
    assert len(stack.grouped(is_folded=False)) == 3


def test_libraries_are_named_whatever_installed_them() -> None:
    files = ["/x/node_modules/@sentry/node/index.js", "/x/node_modules/express/lib/a.js", "node:internal/timers"]
    stack = stack_of(frame(), *(frame(file, ours=False) for file in files))
    assert stack.grouped(is_folded=True)[0].label == "3 frames of node, express, @sentry/node"


def test_source_lines_are_numbered_around_the_failing_one() -> None:
    [shown] = stack_of(frame(line=53, pre_context=["a", "b"], context_line="c", post_context=["d"])).frames
    assert 'data-n="51"' in shown.source
    assert '<li data-n="53" class="hit">' in shown.source
    assert shown.source.count("<li") == 4


def test_without_a_frame_of_ours_none_is_folded_away() -> None:
    groups = stack_of(frame("a.js", ours=False), frame("b.js", ours=False)).grouped(is_folded=True)
    assert [group.frames[0].file for group in groups] == ["b.js", "a.js"]


def test_a_runaway_recursion_is_one_line() -> None:
    stack = stack_of(frame("start.py"), *(frame("loop.py", "again", 9) for _ in range(240)))
    assert [(each.file, each.repeats) for each in stack.frames] == [("loop.py", 240), ("start.py", 1)]
    assert stack.count == 241


def test_five_hundred_frames_keep_the_nearest_of_ours_and_say_what_is_left_out() -> None:
    lines = {"context_line": "x = 1", "pre_context": ["y"] * 5, "post_context": ["z"] * 5}
    many = [frame(f"app/f{n}.py", line=n, ours=n % 2 == 0, vars={"v": "x" * 500}, **lines) for n in range(500)]
    stack = stack_of(*many)
    assert stack.left_out > 0
    assert stack.count == 500
    near = [each for each in stack.frames if each.is_ours][:10]
    assert all(each.source and each.variables for each in near)
    assert stack.frames[-1].is_short


def test_the_variables_of_one_frame_cannot_crowd_out_the_next() -> None:
    huge = {f"v{n}": "x" * 1900 for n in range(200)}
    first, second = stack_of(frame(vars={"small": 1}), frame("app/b.py", vars=huge)).frames
    assert "more in the raw JSON" in first.variables
    assert "small" in second.variables
