"""What a comparison is made of. Plain values beside rows that are read only."""

from collections.abc import Sequence
from dataclasses import dataclass

from releases.health.figures import Health
from releases.models import Deployment
from releases.notes.values import Notes
from tradewatch.core.windows import Window
from tradewatch.errors.models import Issue
from tradewatch.performance.traces.comparing import Change
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.queries import TransactionKey
from tradewatch.projects.models import Release


@dataclass(frozen=True, slots=True)
class Side:
    """One version in the environment. `time` None: it never was there, then nothing was measured either.

    `release` None: no client sent anything of it. `deployments`: there, the newest first. `is_running`: until now.
    """

    version: str
    release: Release | None
    time: Window | None
    health: Health
    figures: Figures
    deployments: Sequence[Deployment]
    is_running: bool = False


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """`rows`: the most frequent of `count`."""

    title: str
    meaning: str
    rows: Sequence[Issue]
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`behind`: how many commits `older` has that `newer` has not. `changes`: by endpoint, the worst first.

    `issues`: new, regressed and resolved ones of the releases after `older` up to `newer`, of which there are `steps`.
    """

    environment: str
    older: Side
    newer: Side
    notes: Notes
    behind: int
    steps: Sequence[str]
    issues: Sequence[IssueGroup]
    changes: Sequence[Change[TransactionKey]]

    @property
    def is_turned_round(self) -> bool:
        """Whether all that is known says that `newer` is the older one."""
        return not self.notes.sorted.commit_count and self.behind > 0
