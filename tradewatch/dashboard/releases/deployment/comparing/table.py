"""The table of one look: what changed first, then the busiest of the rest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from releases.verdicts.evidence import ErrorFinding, Evidence, Finding, LatencyFinding
from releases.verdicts.levels import LEVELS, Levels
from tradewatch.dashboard import words
from tradewatch.dashboard.releases.deployment.comparing.errors import error_row
from tradewatch.dashboard.releases.deployment.comparing.issues import issue_rows
from tradewatch.dashboard.releases.deployment.comparing.latencies import latency_row
from tradewatch.dashboard.releases.deployment.comparing.rows import Row

F = TypeVar("F", ErrorFinding, LatencyFinding)
SHOWN = 8  # rows before what did not change is folded away
_ORDER = (Finding.WORSE, Finding.BETTER, Finding.SAME, Finding.FEW)


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` as shown; `folded`: how many more there are that did not change. `footer`: how it was tested."""

    rows: tuple[Row, ...]
    folded: int
    footer: str


def table_of(evidence: Evidence, *, shows_all: bool = False, levels: Levels = LEVELS) -> Table:
    """Return what changed first, then the busiest of the rest; all of it, or as many rows as people read."""
    judged = evidence.judgement
    rows = sorted(
        [
            *(error_row(each, levels) for each in _named_apart(judged.errors)),
            *(latency_row(each, levels) for each in _named_apart(judged.latencies)),
        ],
        key=lambda row: (_ORDER.index(row.finding), not row.is_slight, -row.size),
    )
    changed = [row for row in rows if row.finding in (Finding.WORSE, Finding.BETTER) or row.is_slight]
    shown = rows if shows_all else rows[: max(len(changed), SHOWN)]
    told = (*issue_rows(judged.issues), *shown)
    worse_first = sorted(told, key=lambda row: (row.finding != Finding.WORSE, not row.is_slight))
    return Table(tuple(worse_first), len(rows) - len(shown), _footer(evidence))


def _footer(evidence: Evidence) -> str:
    judged = evidence.judgement
    if not judged.errors_asked:
        return "No request was measured on either side."
    asked = words.plural(judged.errors_asked, "endpoint")
    listed = len(judged.errors)
    rest = f"; evidence keeps {listed} of them" if listed < judged.errors_asked else ""
    return (
        f"Fisher's exact test and Mann-Whitney, corrected over {asked}{rest}. Slower and faster are of the typical "
        "request; A12 is how likely one after takes longer than one before: 0.5 is no change."
    )


def _named_apart(findings: Sequence[F]) -> list[F]:
    """Return the findings; endpoints that share a name with another operation are named with theirs."""
    names = Counter(each.endpoint for each in findings)
    return [
        replace(each, endpoint=f"{each.endpoint} ({each.op})") if names[each.endpoint] > 1 and each.op else each
        for each in findings
    ]
