"""A row of the table, and how likely by chance."""

from dataclasses import dataclass

from releases.verdicts.evidence import Finding

_BADGES = {Finding.WORSE: "bad", Finding.SAME: "ok", Finding.BETTER: "ok", Finding.FEW: "hollow"}
_WORDS = {Finding.WORSE: "Worse", Finding.SAME: "Same", Finding.BETTER: "Better", Finding.FEW: "Too few"}


@dataclass(frozen=True, slots=True)
class IssueLink:
    issue_id: int
    title: str
    count: str


@dataclass(frozen=True, slots=True)
class Row:
    """`before` and `after` with the counts that they were made of; `evidence` says why it is found so.

    `is_slight`: it got worse beyond chance, and by less than counts.
    """

    what: str
    before: str
    before_counts: str
    after: str
    after_counts: str
    finding: Finding
    evidence: str
    size: int = 0
    is_slight: bool = False
    issues: tuple[IssueLink, ...] = ()

    @property
    def badge(self) -> str:
        return "warning" if self.is_slight else _BADGES[self.finding]

    @property
    def word(self) -> str:
        return "Slightly worse" if self.is_slight else _WORDS[self.finding]


def p_words(p: float) -> str:
    """Return `p < 0.0001`, `p 0.0021`, `p 0.34`."""
    if p < 0.0001:
        return "p < 0.0001"
    return f"p {p:.4f}" if p < 0.01 else f"p {p:.2f}"
