"""How each kind is deleted step by step, and how much a row of it takes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from debugging.models import BrowserReplay
from debugging.recordings.quota import delete_recordings_before
from tradewatch.core import bulk
from tradewatch.errors.models import Event
from tradewatch.errors.thinning import thin_before
from tradewatch.inbox.cleaning import delete_items_before
from tradewatch.inbox.models import KeptItem
from tradewatch.performance.logs import retention as logs
from tradewatch.performance.models import KeptTransaction, LogBlock
from tradewatch.performance.traces import retention as traces

Delete = Callable[[Mapping[int, datetime]], Iterator[int]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`delete` yields how many rows a step took; `tables` hold them, `count` says how many there are."""

    delete: Delete
    tables: tuple[str, ...]
    count: Callable[[], int]

    def row_bytes(self) -> float:
        """Return what a row takes, on PostgreSQL."""
        sizes = bulk.table_sizes().tables
        return sum(sizes.get(table, 0) for table in self.tables) / max(1, self.count())


def _log_lines() -> int:
    return LogBlock.objects.aggregate(lines=Sum("line_count"))["lines"] or 0


KINDS: Mapping[str, Kind] = {
    "logs": Kind(logs.delete_before, ("performance_logblock",), _log_lines),
    "traces": Kind(
        traces.delete_before,
        ("performance_kepttransaction", "performance_kepttransactionpayload"),
        KeptTransaction.objects.count,
    ),
    "recordings": Kind(
        delete_recordings_before,
        ("debugging_browserreplay", "debugging_browserreplaysegment", "debugging_browserreplayref"),
        BrowserReplay.objects.count,
    ),
    "events": Kind(thin_before, ("errors_event", "errors_eventpayload"), Event.objects.count),
    "attachments": Kind(delete_items_before, ("inbox_keptitem", "inbox_attachmentchunk"), KeptItem.objects.count),
}
