"""End-to-end ingest: accepted, scrubbed, classified, grouped, stored and counted events a second."""

import statistics
from typing import Any

from benchmarks.load import EndToEnd, ask, send_and_digest
from tests.servers import Server, running_embedded

SIZES = {"small": 20_000, "50k": 4_000}
REPEAT = 3


def measure_ingest() -> dict[str, Any]:
    with running_embedded() as server:
        send_and_digest(server, "--events", "2000", "--concurrency", "8")  # warm: caches, WAL, issues
        result: dict[str, Any] = {size: summary(repeat(server, size, events)) for size, events in SIZES.items()}
        result["classified_issues"] = ask(server, "SELECT COUNT(*) FROM errors_issue WHERE category <> 'unknown'")
    return result


def repeat(server: Server, size: str, events: int) -> list[EndToEnd]:
    options = ("--size", size, "--events", str(events), "--concurrency", "16")
    return [send_and_digest(server, *options) for _ in range(REPEAT)]


def summary(runs: list[EndToEnd]) -> dict[str, Any]:
    return {
        "end_to_end_per_s": round(statistics.median(run.per_second for run in runs), 1),
        "accept_per_s": round(statistics.median(run.accept_per_second for run in runs), 1),
        "accept_p99_ms": statistics.median(run.accept_ms["p99"] for run in runs),
        "accepted": sum(run.accepted for run in runs),
        "digested": sum(run.digested for run in runs),
        "refused": sum(run.refused for run in runs),
        "dead": sum(run.dead for run in runs),
    }
