"""Which kind of data a table holds. Pure."""

from collections import Counter
from collections.abc import Mapping

INBOX, UNUSED, OTHER = "inbox", "unused", "other"

# The first prefix that fits decides.
_PREFIXES = (
    ("errors_eventpayload", "payloads"),
    ("errors_event", "events"),
    ("errors_", "issues"),
    ("inbox_keptitem", "attachments"),
    ("inbox_attachmentchunk", "attachments"),
    ("inbox_", INBOX),
    ("performance_log", "logs"),
    ("performance_check", "checks"),
    ("performance_host", "checks"),
    ("performance_kept", "traces"),
    ("performance_seen", "traces"),
    ("performance_trace", "traces"),
    ("performance_transaction", "metrics"),
    ("performance_span", "metrics"),
    ("performance_tagged", "metrics"),
    ("metrics_", "metrics"),
    ("sla_minuteblock", "metrics"),
    ("sla_hourspread", "metrics"),
    ("alerts_", "alerts"),
    ("core_auditentry", "audit"),
)
KINDS = (*dict.fromkeys(kind for _, kind in _PREFIXES), UNUSED, OTHER)


def kind_of(table: str) -> str:
    return next((kind for prefix, kind in _PREFIXES if table.startswith(prefix)), OTHER)


def by_kind(tables: Mapping[str, int]) -> dict[str, int]:
    """Return {kind: bytes} of {table: bytes}, in the order of `KINDS`."""
    sums: Counter[str] = Counter()
    for table, size in tables.items():
        sums[kind_of(table)] += size
    return {kind: sums[kind] for kind in KINDS if sums[kind]}
