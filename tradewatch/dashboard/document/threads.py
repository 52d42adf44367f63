"""The threads of a process at the moment of the event: which, in what state, and the stack of the chosen one."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewatch.core.shapes import Document, text_of, values_of
from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.frames import Stack, read_stack

MAX_THREADS = 100
THREAD_MARKUP = 160


@dataclass(frozen=True, slots=True)
class Thread:
    id: str
    name: str
    state: str
    is_crashed: bool
    is_chosen: bool
    frame_count: int


@dataclass(frozen=True, slots=True)
class Threads:
    """The crashed one first, then the running one. `stack` is the chosen one's; None when none was chosen."""

    rows: list[Thread]
    left_out: int
    stack: Stack | None
    chosen: str


def read_threads(document: Document, chosen: str, lines: Budget, budget: Budget) -> Threads | None:
    """Return the threads with the stack of `chosen` (its id). Without a choice the crashed or running one is shown,
    unless the exception shows that stack already. None for an event without threads."""
    threads = sorted(values_of(document.get("threads")), key=_rank)
    if not threads:
        return None
    has_exception = bool(values_of(document.get("exception")))
    picked = _pick(threads, chosen, has_exception=has_exception)
    rows = [_thread(each, is_chosen=each is picked) for each in threads[:MAX_THREADS]]
    fitting = [row for row in rows if budget.takes(row.id + row.name + row.state, markup=THREAD_MARKUP)]
    stack = read_stack(picked.get("stacktrace"), lines) if picked is not None else None
    return Threads(fitting, len(threads) - len(fitting), stack, _label(picked) if picked is not None else "")


def _pick(threads: Sequence[Document], chosen: str, *, has_exception: bool) -> Document | None:
    named = next((each for each in threads if chosen and text_of(each.get("id"), 60) == chosen), None)
    if named is not None or has_exception:
        return named
    return next((each for each in threads if each.get("stacktrace")), None)


def _rank(thread: Document) -> tuple[bool, bool]:
    return (not thread.get("crashed"), not thread.get("current"))


def _thread(thread: Document, *, is_chosen: bool) -> Thread:
    state = "crashed" if thread.get("crashed") else "current" if thread.get("current") else ""
    frames = (thread.get("stacktrace") or {}).get("frames") if isinstance(thread.get("stacktrace"), dict) else None
    return Thread(
        id=text_of(thread.get("id"), 60),
        name=text_of(thread.get("name"), 120) or "unnamed",
        state=", ".join(filter(None, [state, text_of(thread.get("state"), 40).lower()])),
        is_crashed=bool(thread.get("crashed")),
        is_chosen=is_chosen,
        frame_count=len(frames) if isinstance(frames, list) else 0,
    )


def _label(thread: Document) -> str:
    return text_of(thread.get("name"), 120) or text_of(thread.get("id"), 60) or "unnamed"
