"""Transactions of ten spans beside errors in the same run: accepted, counted, summed by operation, and kept or not."""

import statistics
from typing import Any

from benchmarks.ingest import summary
from benchmarks.load import EndToEnd, ask, send_and_digest
from tests.servers import Server, running_embedded

EVENTS = 10_000
REPEAT = 3
SPANS = 10
_COUNTED = """
    SELECT COALESCE(SUM(bucket.count), 0) FROM performance_transactionbucket bucket
    JOIN performance_transactiongroup whole ON whole.id = bucket.group_id
    WHERE whole.name = '' AND bucket.resolution = 86400
"""


def measure_transactions() -> dict[str, Any]:
    errors: list[EndToEnd] = []
    transactions: list[EndToEnd] = []
    with running_embedded() as server:
        _send(server, 2000, "0")
        _send(server, 2000, "1")  # warm: caches, WAL, groups
        for _ in range(REPEAT):  # in turn, so that a busy minute of the machine meets both
            errors.append(_send(server, EVENTS, "0"))
            transactions.append(_send(server, EVENTS, "1"))
        counted = _counted(server)
        spans = ask(server, "SELECT SUM(count) FROM performance_spanbucket WHERE resolution = 86400")
        kept = ask(server, "SELECT COUNT(*) FROM performance_kepttransaction")
    return {
        "errors": summary(errors),
        "transactions": summary(transactions),
        "share_of_the_rate_of_errors": _share(transactions, errors),
        "spans_a_transaction": round(spans / counted, 2),
        "kept_raw": kept,
    }


def _send(server: Server, events: int, share_of_transactions: str) -> EndToEnd:
    options = ("--events", str(events), "--transactions", share_of_transactions, "--concurrency", "16")
    return send_and_digest(server, *options, **({"counted": _counted} if share_of_transactions == "1" else {}))


def _counted(server: Server) -> int:
    return ask(server, _COUNTED)


def _share(transactions: list[EndToEnd], errors: list[EndToEnd]) -> float:
    def rate(runs: list[EndToEnd]) -> float:
        return statistics.median(run.per_second for run in runs)

    return round(rate(transactions) / rate(errors), 2)
