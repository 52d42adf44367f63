"""Accept latency at a paced rate, with digesting keeping up."""

from typing import Any

from benchmarks.load import dead, digested, send, send_and_digest
from tests.servers import running_embedded

RATE, SECONDS = 1000, 20


def measure_paced() -> dict[str, Any]:
    """Latency runs from the moment an event was due, so that a stalled server cannot hide behind a stalled sender."""
    with running_embedded() as server:
        before = send_and_digest(server, "--events", "1000").digested
        sent = send(server, "--rate", str(RATE), "--duration", str(SECONDS), "--concurrency", "32")
        behind = sent["accepted"] - (digested(server) - before)
        return {
            "rate": RATE,
            "accepted": sent["accepted"],
            "by_status": sent["by_status"],
            "accept_ms": sent["latency_ms"],
            "from_schedule_ms": sent["from_schedule_ms"],
            "not_digested_when_accepting_ended": behind,
            "dead": dead(server),
        }
