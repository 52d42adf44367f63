"""The sentence on top: what fails more or got slower, with which counts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewatch.dashboard import words
from tradewatch.dashboard.performance.changes import Changed, Compared, failed_words, ratio_words, slower_words
from tradewatch.dashboard.performance.stats import failed_words as failed_of_all
from tradewatch.performance.traces.comparing import Verdict
from tradewatch.performance.traces.figures import Figures

NAMED = 2  # of each kind; the rest is a number


@dataclass(frozen=True, slots=True)
class Hero:
    """`level`: critical when something fails more, warning when something got slower, ok when nothing did, empty when
    nobody can tell."""

    level: str
    title: str
    text: str


def make_hero(compared: Compared, figures: Figures) -> Hero:
    """Return what changed. `figures` are those of the whole range."""
    failing = [change for change in compared.worse if change.verdict is Verdict.FAILING]
    slower = [change for change in compared.worse if change.verdict is Verdict.SLOWER]
    when = f"with {compared.after}" if compared.is_of_releases else f"against {compared.before}"
    if not figures.count:
        return Hero("", f"No transaction {compared.after}.", "What sends them is quiet, or away.")
    level = "critical" if failing else "warning" if slower else "ok" if compared.judged else ""
    return Hero(
        level, _title(failing, slower, when, figures, compared.judged), _text(compared, figures, failing, slower)
    )


def _title(failing: Sequence[Changed], slower: Sequence[Changed], when: str, figures: Figures, judged: int) -> str:
    if failing and slower:
        return f"{_names(failing)} {_fail(failing)} more {when}, and {_names(slower)} got slower."
    if failing:
        return f"{_names(failing)} {_fail(failing)} more {when}: {_of_all(failing, figures)}."
    if slower:
        return f"{_names(slower)} got slower {when}."
    if not judged:
        return f"Too few requests to tell what changed {when}."
    return f"Nothing got slower or fails more {when}."


def _text(compared: Compared, figures: Figures, failing: Sequence[Changed], slower: Sequence[Changed]) -> str:
    said = [f"{change.key.name}: {failed_words(change)}" for change in failing[:NAMED]]
    said += [f"{change.key.name}: {slower_words(change)}" for change in slower[:NAMED]]
    if not failing:
        said.append(f"{words.percent(figures.failure_ratio)} of all failed: {failed_of_all(figures)}")
    for change in compared.faster[:1]:
        said.append(f"{change.key.name} got {ratio_words(change.p95_ratio)[2:]} faster")
    said.append(_certainty(compared))
    return ". ".join(said) + "."


def _certainty(compared: Compared) -> str:
    told = f"{words.plural(compared.judged, 'transaction')} compared"
    return f"{told}, {words.count(compared.too_few)} came too rarely to tell" if compared.too_few else told


def _of_all(failing: Sequence[Changed], figures: Figures) -> str:
    failed = sum(change.after.failed for change in failing)
    return f"{words.count(failed)} of all {words.plural(figures.failed, 'failure')}"


def _names(changes: Sequence[Changed]) -> str:
    names = [change.key.name for change in changes[:NAMED]]
    if len(changes) > NAMED:
        return f"{', '.join(names)} and {len(changes) - NAMED} others"
    return " and ".join(names)


def _fail(changes: Sequence[Changed]) -> str:
    return "fails" if len(changes) == 1 else "fail"
