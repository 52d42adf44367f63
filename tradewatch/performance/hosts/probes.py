"""Asks the machine, part by part, by psutil. Each probe may hang or fail by itself: see `parts`.

Figures are those of the whole machine; inside a container that is the machine around it.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psutil

from tradewatch.performance.hosts.points import Key, Point, Reading, labels
from tradewatch.performance.hosts.rates import BUSY_SECONDS, CPU_SECONDS

MOST = 20  # mounts, devices, interfaces each: a machine with a thousand containers has as many of all three
_COUNTED_IN_OTHERS = frozenset({"guest", "guest_nice"})  # Linux counts them in user and nice too
_NO_STATE = frozenset({"interrupt", "dpc"})  # Windows counts them in system too
_SKIPPED_DEVICES = ("loop", "ram", "zram", "sr", "fd")
_SKIPPED_INTERFACES = ("lo", "veth", "cali", "tap")

Probe = Callable[[], Reading]


def probes(mounts: Iterable[str]) -> Mapping[str, Probe]:
    """Return all parts, each mount its own: one dead network mount must not hide the disk that fills up."""
    return {
        "cpu": cpu,
        "load": load,
        "memory": memory,
        "swap": swap,
        "disk_io": disk_io,
        "network": network,
        "files": files,
        "processes": processes,
        **{f"disk:{mount}": _disk_of(mount) for mount in mounts},
    }


def mounts() -> list[str]:
    """Return where file systems are mounted, each once, the shortest path of it; `/` where none is known."""
    by_device: dict[str, str] = {}
    for partition in psutil.disk_partitions(all=False):
        known = by_device.get(partition.device)
        is_read_only_image = partition.fstype in ("squashfs", "iso9660")
        if is_read_only_image or not Path(partition.mountpoint).is_absolute() or _is_file(partition.mountpoint):
            continue
        if known is None or len(partition.mountpoint) < len(known):
            by_device[partition.device] = partition.mountpoint
    return sorted(by_device.values(), key=lambda mount: (len(mount), mount))[:MOST] or ["/"]


def cpu() -> Reading:
    at, times = time.monotonic(), psutil.cpu_times()
    left_out = _COUNTED_IN_OTHERS | _NO_STATE
    counters: dict[Key, float] = {
        (CPU_SECONDS, labels(state=state)): seconds
        for state, seconds in times._asdict().items()
        if state not in left_out
    }
    return Reading(at, (Point("cpu.count", float(psutil.cpu_count() or 1)),), counters)


def load() -> Reading:
    values = psutil.getloadavg()
    of_a_cpu = Point("load.ratio", values[0] / (psutil.cpu_count() or 1))
    named = zip(("1", "5", "15"), values, strict=True)
    loads = (Point("load", value, labels(minutes=minutes)) for minutes, value in named)
    return Reading(time.monotonic(), (of_a_cpu, *loads))


def memory() -> Reading:
    read = psutil.virtual_memory()
    used = read.total - read.available
    return Reading(
        time.monotonic(),
        (
            Point("memory", used / read.total if read.total else 0.0),
            Point("memory.used", float(used)),
            Point("memory.available", float(read.available)),
            Point("memory.total", float(read.total)),
        ),
    )


def swap() -> Reading:
    read = psutil.swap_memory()
    points = [Point("swap.used", float(read.used)), Point("swap.total", float(read.total))]
    if read.total:
        points.append(Point("swap", read.used / read.total))
    return Reading(time.monotonic(), tuple(points))


def disk_io() -> Reading:
    at, counters = time.monotonic(), dict[Key, float]()
    # nowrap off: psutil would add the old count to a counter that began anew, and hide from `rates` that it did.
    read = psutil.disk_io_counters(perdisk=True, nowrap=False) or {}
    for name in sorted(name for name in read if _is_whole_disk(name))[:MOST]:
        of, where = read[name], labels(device=name)
        counters |= {
            ("disk.read", where): float(of.read_bytes),
            ("disk.write", where): float(of.write_bytes),
            ("disk.reads", where): float(of.read_count),
            ("disk.writes", where): float(of.write_count),
        }
        if hasattr(of, "busy_time"):
            counters[BUSY_SECONDS, where] = of.busy_time / 1000
    return Reading(at, counters=counters)


def network() -> Reading:
    at, counters = time.monotonic(), dict[Key, float]()
    read = psutil.net_io_counters(pernic=True, nowrap=False) or {}
    for name in sorted(name for name in read if not name.startswith(_SKIPPED_INTERFACES))[:MOST]:
        of, where = read[name], labels(interface=name)
        counters |= {
            ("network.received", where): float(of.bytes_recv),
            ("network.sent", where): float(of.bytes_sent),
            ("network.errors", where): float(of.errin + of.errout),
            ("network.drops", where): float(of.dropin + of.dropout),
        }
    return Reading(at, counters=counters)


def files() -> Reading:
    """Open file handles of the machine. Linux alone says so; elsewhere it would take every process's permission."""
    handles = Path("/proc/sys/fs/file-nr")
    if not handles.exists():
        return Reading(time.monotonic())
    allocated, free, limit = handles.read_text().split()
    points = [Point("files", float(int(allocated) - int(free)))]
    if int(limit) < 2**62:  # today's kernels set no limit by default, and say so by the greatest number
        points.append(Point("files.limit", float(limit)))
    return Reading(time.monotonic(), tuple(points))


def processes() -> Reading:
    running = Point("processes", float(len(psutil.pids())))
    return Reading(time.monotonic(), (running, Point("uptime", max(0.0, time.time() - psutil.boot_time()))))


def _disk_of(mount: str) -> Probe:
    def disk() -> Reading:
        read, where = psutil.disk_usage(mount), labels(mount=mount)
        return Reading(
            time.monotonic(),
            (
                Point("disk", read.percent / 100, where),
                Point("disk.used", float(read.used), where),
                Point("disk.free", float(read.free), where),
                Point("disk.total", float(read.total), where),
            ),
        )

    return disk


def _is_whole_disk(name: str) -> bool:
    if name.startswith(_SKIPPED_DEVICES):
        return False
    blocks = Path("/sys/block")
    return not blocks.exists() or (blocks / name).exists()


def _is_file(mountpoint: str) -> bool:
    # Containers have single files mounted, such as /etc/hosts. By name: asking a dead mount what it is would hang.
    return mountpoint.startswith(("/etc/", "/proc/", "/sys/", "/dev/", "/run/secrets"))
