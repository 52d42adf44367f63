"""Measures the nearest peer, Bugsink, on this machine with the same generator: see bugsink_baseline.sh."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parent / "bugsink_baseline.sh"


def measure_peer() -> dict[str, Any]:
    """Return the script's summary: {"small": {"end_to_end_per_s", ...}, "50k": {...}}."""
    folder = os.environ.get("BENCH_PEER_DIR") or tempfile.mkdtemp(prefix="tw-peer-")
    done = subprocess.run(["bash", str(SCRIPT), folder], capture_output=True, text=True, check=True, timeout=1800)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return next(line for line in lines if line["what"] == "summary")
