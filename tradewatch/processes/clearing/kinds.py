"""How each kind is deleted step by step, and which tables hold it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from debugging.contexts.thinning import thin_contexts_before
from debugging.recordings.quota import delete_recordings_before
from tradewatch.errors.thinning import thin_before
from tradewatch.inbox.cleaning import delete_items_before
from tradewatch.performance.logs import retention as logs
from tradewatch.performance.traces import retention as traces

Delete = Callable[[Mapping[int, datetime]], Iterator[int]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`delete` yields how many rows a step took; `tables` hold them."""

    delete: Delete
    tables: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "logs": Kind(logs.delete_before, ("performance_logblock",)),
    "traces": Kind(
        traces.delete_before,
        ("performance_kepttransaction", "performance_kepttransactionpayload"),
    ),
    "recordings": Kind(
        delete_recordings_before,
        ("debugging_browserreplay", "debugging_browserreplaysegment", "debugging_browserreplayref"),
    ),
    "contexts": Kind(thin_contexts_before, ("debugging_errorcontext",)),
    "events": Kind(thin_before, ("errors_event", "errors_eventpayload")),
    "attachments": Kind(delete_items_before, ("inbox_keptitem", "inbox_attachmentchunk")),
}
TABLES = tuple(table for kind in KINDS.values() for table in kind.tables)
