"""What changed, in words: a verdict with its numbers, the counts it stands on, what it leaves uncertain. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from tradewatch.dashboard import words
from tradewatch.performance.traces.comparing import FEWEST, SMALLEST_CHANGE, Change, Verdict
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.queries import TransactionKey

Changed = Change[TransactionKey]
AnyChange = Change[Any]  # whatever was compared: the words are the same
BADGES = {
    Verdict.FAILING: ("bad", "Fails more"),
    Verdict.SLOWER: ("bad", "Slower"),
    Verdict.FASTER: ("ok", "Faster"),
    Verdict.RECOVERED: ("ok", "Fails less"),
    Verdict.SAME: ("", "Same"),
    Verdict.FEW: ("hollow", "Too few"),
    Verdict.NEW: ("info", "New"),
    Verdict.GONE: ("hollow", "Gone"),
}
_MARKS = {Verdict.FAILING: "critical", Verdict.SLOWER: "warning", Verdict.FASTER: "ok", Verdict.RECOVERED: "ok"}
_UNJUDGED = (Verdict.FEW, Verdict.NEW, Verdict.GONE)


@dataclass(frozen=True)
class Compared:
    """`before` and `after` are what is compared, in words ("2.0.0", "the hour before"); `changes` the worst first."""

    before: str
    after: str
    changes: Sequence[Changed]
    is_of_releases: bool = False

    @cached_property
    def by_key(self) -> dict[TransactionKey, Changed]:
        return {change.key: change for change in self.changes}

    @property
    def worse(self) -> list[Changed]:
        return [change for change in self.changes if change.is_worse]

    @property
    def faster(self) -> list[Changed]:
        """Return what got faster, the most time won first."""
        found = [change for change in self.changes if change.verdict is Verdict.FASTER]
        return sorted(found, key=lambda change: (change.seconds_lost, change.key))

    @property
    def told(self) -> list[Changed]:
        """Return what is worth a line: what got worse, the worst first, then what got better."""
        better = [change for change in self.changes if change.verdict is Verdict.RECOVERED]
        return [*self.worse, *better, *self.faster]

    @property
    def judged(self) -> int:
        return sum(change.verdict not in _UNJUDGED for change in self.changes)

    @property
    def too_few(self) -> int:
        return sum(change.verdict is Verdict.FEW for change in self.changes)


@dataclass(frozen=True, slots=True)
class Badge:
    """`moved` says by how much, `reason` (its title) why the word is what it is."""

    word: str
    style: str
    moved: str
    reason: str
    is_worse: bool


def badge_of(change: AnyChange, *, judged: int) -> Badge:
    style, word = BADGES[change.verdict]
    return Badge(word, style, _moved(change), reason_of(change, judged=judged), change.is_worse)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change as a list shows it; `mark` is a severity's shape."""

    name: str
    href: str
    mark: str
    badge: Badge


def change_lines(compared: Compared, *, page: str, query: Mapping[str, str], limit: int) -> list[ChangeLine]:
    """Return the lines of what changed for certain; `page` and `query`: the address of a transaction's page."""
    return [
        ChangeLine(
            change.key.name,
            f"{page}?{urlencode({**query, 'name': change.key.name})}",
            _MARKS[change.verdict],
            badge_of(change, judged=compared.judged),
        )
        for change in compared.told[:limit]
    ]


def reason_of(change: AnyChange, *, judged: int) -> str:
    """Return the numbers behind a verdict, and what was missing for another one."""
    match change.verdict:
        case Verdict.NEW:
            return f"{words.count(change.after.count)} now, none before"
        case Verdict.GONE:
            return f"none now, {words.count(change.before.count)} before"
        case Verdict.FEW:
            counts = f"{words.count(change.after.count)} now, {words.count(change.before.count)} before"
            return f"{counts}; a verdict takes {FEWEST} of each"
        case Verdict.FAILING | Verdict.RECOVERED:
            return f"{failed_words(change)}; {_chance(change, judged)}"
        case Verdict.SLOWER | Verdict.FASTER:
            return f"{slower_words(change)}; {_chance(change, judged)}"
    if change.p95_ratio is not None and abs(change.p95_ratio - 1) >= SMALLEST_CHANGE:
        return f"{slower_words(change)}; not certain after correction over {words.plural(judged, 'transaction')}"
    return f"{slower_words(change)}; under {SMALLEST_CHANGE:.0%}"


def slower_words(change: AnyChange) -> str:
    """Return `p95 431 ms, before 187 ms; 1,480 and 1,520 measured`."""
    counts = f"{words.count(change.after.measured)} and {words.count(change.before.measured)} measured"
    return f"p95 {words.seconds(change.p95_after)}, before {words.seconds(change.p95_before)}; {counts}"


def failed_words(change: AnyChange) -> str:
    """Return `2.1% = 312 / 14,800 failed, before 0.40% = 58 / 14,500`."""
    return f"{_share(change.after)} failed, before {_share(change.before)}"


def ratio_words(ratio: float | None) -> str:
    """Return `▲ 4.6%`, `▼ 26%`, `▲ 2.3x` of after / before; `0%` where it did not move, empty where it is unknown."""
    if ratio is None:
        return ""
    change = abs(ratio - 1)
    if change < 0.005:
        return "0%"
    arrow = "▲" if ratio > 1 else "▼"
    if ratio >= 2:
        return f"{arrow} {ratio:.1f}x" if ratio < 100 else f"{arrow} over 100x"
    return f"{arrow} {change * 100:.1f}%" if change < 0.0995 else f"{arrow} {change:.0%}"


def _moved(change: AnyChange) -> str:
    if change.verdict in _UNJUDGED:
        return ""
    if change.verdict in (Verdict.FAILING, Verdict.RECOVERED):
        before, after = change.before.failure_ratio, change.after.failure_ratio
        return ratio_words(after / before) if before and after is not None else ""
    return ratio_words(change.p95_ratio)


def _chance(change: AnyChange, judged: int) -> str:
    """Say how likely the difference is without any change, corrected for how many were looked at."""
    likely = "under 0.01%" if change.p_value < 0.0001 else words.percent(change.p_value)
    return f"by chance {likely}, corrected over {words.plural(judged, 'transaction')}"


def _share(figures: Figures) -> str:
    return f"{words.percent(figures.failure_ratio)} = {words.count(figures.failed)} / {words.count(figures.count)}"
