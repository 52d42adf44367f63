"""Several processes count; one number comes out, and it never falls."""

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

from tradewatch.performance.prometheus.processes import process_families, take_over_ended

PROGRAM = """
import sys
from prometheus_client import Counter, Histogram
Counter("asked", "Asked.", ["view"]).labels("issues").inc(float(sys.argv[1]))
Histogram("took_seconds", "Took.", buckets=(1, 5)).observe(float(sys.argv[2]))
"""


def run_a_process(folder: Path, count: int, seconds: float) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", PROGRAM, str(count), str(seconds)]
    subprocess.run(command, env=environment, check=True, timeout=60)


def samples(folder: Path) -> dict[tuple[str, str], float]:
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in process_families(folder)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


EXPECTED = {
    ("asked_total", "issues"): 7.0,
    ("took_seconds_bucket", "1.0"): 1.0,
    ("took_seconds_bucket", "5.0"): 2.0,
    ("took_seconds_bucket", "+Inf"): 2.0,
    ("took_seconds_count", ""): 2.0,
    ("took_seconds_sum", ""): 3.5,
}


def test_the_counts_of_ended_processes_stay_and_their_files_go(tmp_path: Path) -> None:
    run_a_process(tmp_path, 3, 0.5)
    run_a_process(tmp_path, 4, 3.0)
    assert samples(tmp_path) == EXPECTED
    assert take_over_ended(tmp_path) == 4
    assert samples(tmp_path) == EXPECTED
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_0.db", "histogram_0.db"]
    run_a_process(tmp_path, 10, 9.0)
    assert take_over_ended(tmp_path) == 2
    assert samples(tmp_path)["asked_total", "issues"] == 17.0
    assert take_over_ended(tmp_path) == 0


def test_a_running_process_keeps_its_file(tmp_path: Path) -> None:
    mine = tmp_path / f"counter_{os.getpid()}.db"
    values = MmapedDict(str(mine))
    values.write_value('["asked", "asked_total", {}, "Asked."]', 5.0, 0.0)
    assert take_over_ended(tmp_path) == 0
    assert samples(tmp_path) == {("asked_total", ""): 5.0}
    values.close()


def test_a_file_that_was_cut_off_costs_itself_alone(tmp_path: Path) -> None:
    run_a_process(tmp_path, 3, 0.5)
    (tmp_path / "counter_999999999.db").write_bytes(b"\xff\xff\xff\x7f")
    assert take_over_ended(tmp_path) == 3
    assert samples(tmp_path)["asked_total", "issues"] == 3.0
