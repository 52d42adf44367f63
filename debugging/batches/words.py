"""What is said of a batch: in the trail, in its list, on its page. Values in, values out."""

from collections.abc import Iterator, Mapping
from typing import Any

from debugging.batches.judging import Measure, Yardstick
from debugging.batches.progress import Progress
from debugging.batches.shrinking import Ending
from debugging.choices import BatchState, ReplayState

_OF_STATE = {
    ReplayState.ANSWERED: "answered",
    ReplayState.FAILED: "without an answer",
    ReplayState.REFUSED: "refused",
    ReplayState.CANCELLED: "not sent",
    ReplayState.UNKNOWN: "unknown",
}
_OF_ENDING = {
    Ending.MINIMAL: "nothing of it can be left out",
    Ending.BOUND: "the bound of tries ended it: it may not be the smallest",
    Ending.PASSES: "the request does not fail at this target",
    Ending.UNKNOWN: "the request got no answer from this target",
}


def matrix_words(target: str, states: Mapping[str, int], *, total: int, state: BatchState) -> str:
    counted = [f"{states[each]} {words}" for each, words in _OF_STATE.items() if states.get(each)]
    return f"Matrix of {total} at {target} {_ended(state)}: {', '.join(counted) or 'nothing sent'}"


def shrink_words(target: str, progress: Progress, *, state: BatchState) -> str:
    tries = f"{progress.tries} {'try' if progress.tries == 1 else 'tries'}"
    size = f", {progress.bytes_before} to {progress.bytes_after} bytes" if progress.measure else ""
    return f"Shrink at {target} {_ended(state)} after {tries}{size}: {ending_words(progress.ending)}"


def ending_words(ending: Ending | None) -> str:
    return _OF_ENDING[ending] if ending else "it has not come to its end"


def diff_words(diff: Mapping[str, Any] | None) -> str:
    """Return what differs from the original's answer (`replays.comparing`), in a line; empty: nothing is known."""
    if not diff:
        return ""
    return ", ".join(_differences(diff)) or ("no difference" if _is_compared(diff) else "")


def _differences(diff: Mapping[str, Any]) -> Iterator[str]:
    status = diff["status"]
    if status["source"] and status["after"] is not None and status["before"] != status["after"]:
        yield f"status {status['before']} → {status['after']}"
    for part in ("headers", "body"):
        if count := len(diff[part]["changes"]) + diff[part].get("left_out", 0):
            yield f"{count} {'change' if count == 1 else 'changes'} in the {part}"


def _is_compared(diff: Mapping[str, Any]) -> bool:
    return bool(diff["status"]["source"]) and diff["status"]["after"] is not None


def measure_words(measure: Measure | None) -> str:
    """Return what "fails the same way" meant."""
    if measure is None:
        return ""
    if measure.by == Yardstick.ISSUE:
        return "fails: the same error came back, found by its trace"
    return f"fails: answered with {measure.status}; no error came back from this target to judge by"


def _ended(state: BatchState) -> str:
    return "was cancelled" if state == BatchState.CANCELLED else "broke off" if state == BatchState.FAILED else "ended"
