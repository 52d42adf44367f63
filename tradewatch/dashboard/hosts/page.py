"""The page of one host: how it stands, what it is made of, what it did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.models import Alert
from tradewatch.dashboard import words
from tradewatch.dashboard.chart_frame import make_frame
from tradewatch.dashboard.hosts.cards import BADGES, card_of
from tradewatch.dashboard.hosts.plots import charts_of
from tradewatch.dashboard.ranges import Period
from tradewatch.performance.hosts.queries import Figure, figures_at
from tradewatch.performance.models import Host

ALERTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Mount:
    path: str
    ratio: float
    used: str
    free: str
    total: str
    style: str


def page_of(host: Host, period: Period, *, now: datetime) -> dict[str, Any]:
    card = card_of(host, now=now)
    figures = figures_at(host, host.last_seen_at)
    frame = make_frame([host.project_id], host.environment, period, now=now)
    return {
        "host": host,
        "card": card,
        "badge": BADGES[card.state],
        "stats": list(_stats(host, figures)),
        "mounts": mounts_of(figures),
        "charts": charts_of(host, frame),
        "alerts": list(
            Alert.objects.filter(project=host.project_id, tags__host=host.name).order_by("-pk")[:ALERTS_SHOWN]
        ),
    }


def mounts_of(figures: Sequence[Figure]) -> list[Mount]:
    """Return the file systems, the fullest first."""
    by_mount: dict[str, dict[str, float]] = {}
    for figure in figures:
        if mount := figure.attributes.get("mount"):
            by_mount.setdefault(mount, {})[figure.name] = figure.value
    found = [
        Mount(
            mount,
            values.get("disk", 0.0),
            words.size(values.get("disk.used", 0.0)),
            words.size(values.get("disk.free", 0.0)),
            words.size(values.get("disk.total", 0.0)),
            "crit" if values.get("disk", 0) >= 0.95 else "warn" if values.get("disk", 0) >= 0.9 else "",
        )
        for mount, values in by_mount.items()
    ]
    return sorted(found, key=lambda mount: (-mount.ratio, mount.path))


def _stats(host: Host, figures: Sequence[Figure]) -> Iterator[tuple[str, str, str]]:
    """Yield (name, value, what it is of) of the newest report."""
    plain = {figure.name: figure.value for figure in figures if not figure.attributes}
    cpus = f"of {words.plural(host.cpu_count, 'CPU')}" if host.cpu_count else ""
    yield "CPU", words.percent(host.cpu_ratio), cpus
    yield "Load for each CPU", words.NO_DATA if host.load_ratio is None else f"{host.load_ratio:.2f}", "of one minute"
    yield "Memory", words.percent(host.memory_ratio), _of(plain, "memory")
    yield "Swap", words.percent(host.swap_ratio), _of(plain, "swap") if plain.get("swap.total") else "there is none"
    yield "Fullest disk", words.percent(host.disk_ratio), host.disk_mount
    yield "Processes", words.count(plain.get("processes")), _open_files(plain)


def _of(plain: dict[str, float], name: str) -> str:
    if f"{name}.used" not in plain or f"{name}.total" not in plain:
        return ""
    return f"{words.size(plain[f'{name}.used'])} of {words.size(plain[f'{name}.total'])}"


def _open_files(plain: dict[str, float]) -> str:
    return f"{words.count(plain['files'])} open files" if "files" in plain else ""
