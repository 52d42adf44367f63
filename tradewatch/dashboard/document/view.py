"""The whole event, read once in the order of what matters most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString

from tradewatch.core.shapes import Document, listed, mapping, pairs_of, text_of
from tradewatch.dashboard.document import budget
from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.contexts import Section, read_contexts
from tradewatch.dashboard.document.crumbs import Crumbs, read_crumbs
from tradewatch.dashboard.document.exceptions import Raised, read_exceptions
from tradewatch.dashboard.document.frames import Stack, with_details
from tradewatch.dashboard.document.request import RequestView, read_request
from tradewatch.dashboard.document.threads import Threads, read_threads
from tradewatch.dashboard.document.values import MOST_BYTES_A_CHARACTER, NO_HTML, pairs_html, text_html, value_html

MAX_UNKEPT = 20


@dataclass(frozen=True, slots=True)
class EventView:
    """`unkept`: fields that could not be stored, with the reason. `short_count`: frames whose details are left out."""

    exceptions: list[Raised]
    exceptions_left_out: int
    frame_count: int
    short_count: int
    message: SafeString
    params: SafeString
    crumbs: Crumbs
    request: RequestView | None
    threads: Threads | None
    user: SafeString
    contexts: list[Section]
    contexts_left_out: int
    platform: str
    logger: str
    dist: str
    sdk: str
    server: str
    fingerprint: list[str]
    removed_count: int
    unkept: list[str]

    @property
    def is_unhandled(self) -> bool:
        return any(raised.is_unhandled for raised in self.exceptions)

    @property
    def is_bare(self) -> bool:
        """Return whether there is nothing to read but where and when."""
        return not (self.exceptions or self.message or (self.threads and self.threads.stack))


def read_document(document: Document, *, thread: str = "") -> EventView:
    """Return the event as shown; `thread` is the id of the thread whose stack was asked for."""
    platform = text_of(document.get("platform"), 40)
    lines = Budget(budget.FRAME_LINES)
    exceptions, exceptions_left_out = read_exceptions(document, lines, Budget(budget.EXCEPTION_TEXTS))
    threads = read_threads(document, thread, lines, Budget(budget.THREADS))
    exceptions, threads = _with_details(exceptions, threads, platform)
    stacks = [raised.stack for raised in exceptions]
    contexts, contexts_left_out = read_contexts(document, Budget(budget.CONTEXTS))
    user = Budget(budget.USER)
    return EventView(
        exceptions=exceptions,
        exceptions_left_out=exceptions_left_out,
        frame_count=sum(stack.count for stack in stacks),
        short_count=sum(frame.is_short for stack in stacks for frame in stack.frames),
        message=_message(document, Budget(budget.MESSAGE)),
        params=_params(document),
        crumbs=read_crumbs(document, Budget(budget.CRUMBS)),
        request=read_request(document.get("request"), Budget(budget.REQUEST)),
        threads=threads,
        user=pairs_html(pairs_of(document.get("user")), user),
        contexts=contexts,
        contexts_left_out=contexts_left_out,
        platform=platform,
        logger=text_of(document.get("logger"), 100),
        dist=text_of(document.get("dist"), 60),
        sdk=" ".join(text_of(mapping(document.get("sdk")).get(key), 100) for key in ("name", "version")).strip(),
        server=text_of(document.get("server_name"), 100),
        fingerprint=[text_of(each, 60) for each in listed(document.get("fingerprint"))[:6]],
        removed_count=len(listed(document.get("_removed"))),
        unkept=_unkept(document),
    )


def _with_details(
    exceptions: Sequence[Raised], threads: Threads | None, platform: str
) -> tuple[list[Raised], Threads | None]:
    """Give source and variables out where they are looked for first: a thread that was asked for, then the chain."""
    asked: list[Stack] = [threads.stack] if threads and threads.stack else []
    detailed = with_details(
        [*asked, *(raised.stack for raised in exceptions)], Budget(budget.FRAME_DETAILS), platform=platform
    )
    if threads and asked:
        threads = replace(threads, stack=detailed[0])
    rest = detailed[len(asked) :]
    return [replace(raised, stack=stack) for raised, stack in zip(exceptions, rest, strict=True)], threads


def _message(document: Document, room: Budget) -> SafeString:
    entry = mapping(document.get("logentry"))
    text = str(entry.get("formatted") or entry.get("message") or "")
    html = text_html(text)
    return html if room.takes(html) else text_html(text, room.left // MOST_BYTES_A_CHARACTER)


def _params(document: Document) -> SafeString:
    entry = mapping(document.get("logentry"))
    if not entry.get("params"):
        return NO_HTML
    return value_html(entry["params"], Budget(2000))


def _unkept(document: Document) -> list[str]:
    faults = map(mapping, listed(document.get("_errors"))[:MAX_UNKEPT])
    room = Budget(budget.UNKEPT)
    lines = (f"{text_of(each.get('path'))}: {text_of(each.get('reason'))}" for each in faults)
    return [line for line in lines if room.takes(line, markup=10)]
