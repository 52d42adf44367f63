"""How a host looks in a list: its mark, its three bars, what there is to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewatch.dashboard import words
from tradewatch.performance.hosts.states import HostState
from tradewatch.performance.models import Host

OK, WARNING, CRITICAL = "ok", "warning", "critical"
_WORST_FIRST = {CRITICAL: 0, WARNING: 1, OK: 2}
HIGH, FULL = 0.9, 0.95  # of memory and disk; a CPU may well be busy
BADGES = {HostState.REPORTS: "good", HostState.SILENT: "warning", HostState.RETIRED: ""}


@dataclass(frozen=True, slots=True)
class Bar:
    """`ratio` None: not known, and drawn hatched. `style`: a colour role of bars."""

    name: str
    ratio: float | None
    style: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """`text` says what is wrong, or nothing."""

    host: Host
    state: HostState
    mark: str
    text: str
    bars: tuple[Bar, ...]


def card_of(host: Host, *, now: datetime) -> Card:
    state = host.state(now)
    faults = list(_faults(host, state, now))
    mark = min((each for each, _ in faults), key=_WORST_FIRST.__getitem__, default=OK)
    return Card(host, state, mark, ", ".join(text for _, text in faults), bars_of(host, state))


def worst_first(cards: Sequence[Card]) -> list[Card]:
    return sorted(cards, key=lambda card: (_WORST_FIRST[card.mark], card.host.name, card.host.pk))


def bars_of(host: Host, state: HostState) -> tuple[Bar, ...]:
    """Return CPU, memory and the fullest disk. Of a silent host they are unknown: what it last said is not now."""
    knows = state is HostState.REPORTS
    return (
        Bar("CPU", host.cpu_ratio if knows else None),
        Bar("Memory", host.memory_ratio if knows else None, _style(host.memory_ratio)),
        Bar("Disk", host.disk_ratio if knows else None, _style(host.disk_ratio), host.disk_mount),
    )


def headline(cards: Sequence[Card]) -> str:
    """Return `All 6 report`, or `Of 6 hosts: 1 silent, 1 disk nearly full`."""
    silent = sum(card.state is HostState.SILENT for card in cards)
    full = sum(card.state is HostState.REPORTS and (card.host.disk_ratio or 0) >= HIGH for card in cards)
    parts = [text for count, text in ((silent, f"{silent} silent"), (full, f"{full} disk nearly full")) if count]
    if not parts:
        return f"All {len(cards)} report" if len(cards) > 1 else "Reports"
    return f"Of {words.plural(len(cards), 'host')}: {', '.join(parts)}"


def _faults(host: Host, state: HostState, now: datetime) -> Sequence[tuple[str, str]]:
    if state is HostState.RETIRED:
        return []
    if state is HostState.SILENT:
        return [(CRITICAL, f"silent for {words.span(now - host.last_seen_at)}")]
    found = []
    if (host.disk_ratio or 0) >= HIGH:
        found.append(
            (CRITICAL if (host.disk_ratio or 0) >= FULL else WARNING, f"{host.disk_mount or 'disk'} nearly full")
        )
    if (host.memory_ratio or 0) >= FULL:
        found.append((WARNING, "memory nearly full"))
    if host.late_parts:
        found.append((WARNING, f"no answer from {', '.join(map(str, host.late_parts[:2]))}"))
    if now - host.last_seen_at > timedelta(seconds=2 * host.interval_seconds + 5):
        found.append((OK, f"last report {words.span(now - host.last_seen_at)} ago"))
    return found


def _style(ratio: float | None) -> str:
    if ratio is None or ratio < HIGH:
        return ""
    return "crit" if ratio >= FULL else "warn"
