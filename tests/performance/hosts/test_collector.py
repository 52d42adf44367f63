"""The real machine, held against what the kernel says by other doors; and machines that misbehave."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from tradewatch.performance.hosts import collector as module
from tradewatch.performance.hosts import probes as probing
from tradewatch.performance.hosts.collector import Collector, Sample
from tradewatch.performance.hosts.points import UNITS, Point, Reading, labels


def value(sample: Sample, name: str, **where: str) -> float:
    [found] = [each.value for each in sample.points if each.name == name and each.labels == labels(**where)]
    return found


def names(points: Iterable[Point]) -> set[str]:
    return {each.name for each in points}


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.3)


def test_the_machine_is_read_as_the_kernel_tells_it() -> None:
    sample = Collector().collect()
    disk = shutil.disk_usage("/")
    with Path("/proc/meminfo").open() as lines:
        known = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    assert sample.late == ()
    assert value(sample, "memory.total") == known["MemTotal"]
    assert value(sample, "memory.available") == pytest.approx(known["MemAvailable"], rel=0.1)
    assert value(sample, "disk.total", mount="/") == disk.total
    assert value(sample, "disk", mount="/") == pytest.approx(disk.used / (disk.used + disk.free), abs=0.01)
    assert value(sample, "load", minutes="1") == pytest.approx(os.getloadavg()[0], abs=1.0)
    assert value(sample, "cpu.count") == os.cpu_count()
    assert value(sample, "processes") >= 2 and value(sample, "files") > 0
    assert names(sample.points) <= UNITS.keys()
    assert {"cpu", "cpu.state", "swap.total", "network.received", "uptime"} <= names(sample.points)


def test_a_busy_process_shows_as_cpu() -> None:
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.2)
        sample = Collector().collect()
    finally:
        busy.kill()
        busy.wait()
    assert value(sample, "cpu") > 0.7 / (os.cpu_count() or 1)
    assert value(sample, "cpu.state", state="user") > 0.5 / (os.cpu_count() or 1)


def test_bytes_over_the_loopback_and_containers_ends_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def counters(*, pernic: bool, nowrap: bool) -> dict[str, Any]:
        return {name: NetworkCount(1, 2, 3, 4, 5, 6, 7, 8) for name in ("lo", "eth0", "veth12ab")}

    monkeypatch.setattr(probing.psutil, "net_io_counters", counters)
    read = probing.network().counters
    assert {where for _, where in read} == {labels(interface="eth0")}
    assert read["network.received", labels(interface="eth0")] == 2
    assert read["network.errors", labels(interface="eth0")] == 5 + 6
    assert read["network.drops", labels(interface="eth0")] == 7 + 8


class NetworkCount(NamedTuple):
    bytes_sent: int
    bytes_recv: int
    packets_sent: int
    packets_recv: int
    errin: int
    errout: int
    dropin: int
    dropout: int


class Partition(NamedTuple):
    device: str
    mountpoint: str
    fstype: str
    opts: str


@pytest.mark.parametrize(
    ("partitions", "expected"),
    [
        ([], ["/"]),
        ([Partition("/dev/a", "/", "ext4", "rw"), Partition("/dev/b", "/var", "ext4", "rw")], ["/", "/var"]),
        ([Partition("/dev/a", "/srv/bound", "ext4", "rw"), Partition("/dev/a", "/", "ext4", "rw")], ["/"]),
        (
            [Partition("/dev/a", "/etc/hosts", "ext4", "rw"), Partition("/dev/loop1", "/snap/x", "squashfs", "ro")],
            ["/"],
        ),
    ],
)
def test_each_file_system_is_listed_once(
    monkeypatch: pytest.MonkeyPatch, partitions: list[Partition], expected: list[str]
) -> None:
    monkeypatch.setattr(probing.psutil, "disk_partitions", lambda all: partitions)
    assert probing.mounts() == expected


def test_a_machine_with_very_many_mounts_is_cut() -> None:
    many = [Partition(f"/dev/{n}", f"/mnt/{n:03}", "ext4", "rw") for n in range(300)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probing.psutil, "disk_partitions", lambda all: many)
        assert len(probing.mounts()) == probing.MOST


class Machine:
    """One whose parts can be made to hang, and whose monotonic clock is set by hand."""

    def __init__(self) -> None:
        self.now, self.sent, self.hangs = 100.0, 0.0, threading.Event()
        self.hangs.set()

    def probes(self, mounts: list[str]) -> dict[str, Callable[[], Reading]]:
        return {"network": self.network, "disk:/mnt": self.disk}

    def network(self) -> Reading:
        return Reading(self.now, counters={("network.sent", labels(interface="eth0")): self.sent})

    def disk(self) -> Reading:
        self.hangs.wait(30)
        return Reading(self.now, (Point("disk", 0.5, labels(mount="/mnt")),))

    def collector(self) -> Collector:
        return Collector(find_mounts=lambda: ["/mnt"], probes_of=self.probes, part_seconds=0.2, clock=lambda: self.now)


def test_a_dead_mount_hides_nothing_else() -> None:
    machine = Machine()
    collector = machine.collector()
    collector.collect()
    machine.hangs.clear()
    machine.now, machine.sent, started = 160.0, 600.0, time.monotonic()
    sample = collector.collect()
    assert time.monotonic() - started < 2
    assert (names(sample.points), sample.late) == ({"network.sent"}, ("disk:/mnt",))
    assert value(sample, "network.sent", interface="eth0") == 10.0
    machine.hangs.set()


def test_rates_are_those_since_the_last_sample_and_not_since_one_of_long_ago() -> None:
    machine = Machine()
    collector = machine.collector()
    assert "network.sent" not in names(collector.collect().points)  # its clock stands still between the two looks
    machine.now, machine.sent = 160.0, 6000.0
    assert value(collector.collect(), "network.sent", interface="eth0") == 100.0
    machine.now, machine.sent = 160.0 + 3600, 9000.0
    assert "network.sent" not in names(collector.collect().points)  # looked twice anew, in no time


def test_the_parts_that_run_on_other_machines_need_little() -> None:
    program = (
        "import sys, tradewatch.performance.hosts.collector; print('django' in sys.modules, 'httpx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_psutil_takes_the_arguments_that_are_replaced_above() -> None:
    assert psutil.net_io_counters(pernic=True, nowrap=False) and psutil.disk_partitions(all=False) is not None
