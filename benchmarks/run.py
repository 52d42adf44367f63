"""`python -m benchmarks.run [name ...]`: runs the named measurements (without names: all), prints JSON lines."""

import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.alerts import measure_alerts
from benchmarks.footprint import measure_footprint
from benchmarks.gate import measure_gate
from benchmarks.ingest import measure_ingest
from benchmarks.live import measure_live
from benchmarks.logs import measure_logs
from benchmarks.matrix import measure_matrix
from benchmarks.metrics import measure_metrics
from benchmarks.notes import measure_notes
from benchmarks.paced import measure_paced
from benchmarks.peer import measure_peer
from benchmarks.rules import measure_rules
from benchmarks.sla import measure_sla
from benchmarks.storm import measure_storm
from benchmarks.traces import measure_traces
from benchmarks.transactions import measure_transactions
from benchmarks.triage import measure_triage
from benchmarks.verdicts import measure_verdicts

MEASUREMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "peer": measure_peer,
    "ingest": measure_ingest,
    "transactions": measure_transactions,
    "paced": measure_paced,
    "live": measure_live,
    "footprint": measure_footprint,
    "triage": measure_triage,
    "alerts": measure_alerts,
    "rules": measure_rules,
    "metrics": measure_metrics,
    "traces": measure_traces,
    "logs": measure_logs,
    "storm": measure_storm,
    "notes": measure_notes,
    "sla": measure_sla,
    "gate": measure_gate,
    "verdicts": measure_verdicts,
    "matrix": measure_matrix,
}


def main(names: list[str]) -> None:
    results = {}
    for name in names or MEASUREMENTS:
        results[name] = MEASUREMENTS[name]()
        print(json.dumps({"what": name, **results[name]}), flush=True)
    if "peer" in results and "ingest" in results:
        print(json.dumps({"what": "times the peer", **ratios(results["ingest"], results["peer"])}))


def ratios(ours: dict[str, Any], peer: dict[str, Any]) -> dict[str, float]:
    return {
        size: round(ours[size]["end_to_end_per_s"] / peer[size]["end_to_end_per_s"], 1) for size in ("small", "50k")
    }


if __name__ == "__main__":
    main(sys.argv[1:])
