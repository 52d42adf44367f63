"""The four numbers of https://dora.dev/guides/dora-metrics-four-keys/, of one environment. Values in, values out.

Each is None without anything to make it of, and stands beside the counts that it was made of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from releases.choices import DeploymentState
from tradewatch.core.windows import Window

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ended:
    """A completed deployment. `restores`: it took another one back, so that it brought nothing new."""

    finished_at: datetime
    state: str
    restores: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit, and when each version that has it first went out; `at` None: nobody told when it was made."""

    at: datetime | None
    out_at: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """What a deployment caused, from when it was noticed until it was over; `ended_at` None: it is not."""

    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dora:
    """`per_week`: deployments a week. `change_fail_rate`: `failed` (failed or rolled back) of `deployments`, 0 to 1.

    `lead_seconds`, `restore_seconds`: medians over `commits` and over `incidents`. `restoring`: deployments that took
    another one back, counted nowhere else. `open_incidents`: those not over at the window's end.
    """

    deployments: int = 0
    restoring: int = 0
    failed: int = 0
    commits: int = 0
    incidents: int = 0
    open_incidents: int = 0
    per_week: float | None = None
    change_fail_rate: float | None = None
    lead_seconds: float | None = None
    restore_seconds: float | None = None


def dora(
    window: Window,
    ended: Sequence[Ended],
    commits: Iterable[Committed],
    incidents: Sequence[Incident],
    *,
    since: datetime | None,
) -> Dora:
    """Return the numbers of the window. `since`: when the environment's first deployment ended; None: none ever did."""
    within = [each for each in ended if window.start <= each.finished_at < window.end]
    changes = [each for each in within if not each.restores]
    failed = sum(each.state != DeploymentState.SUCCEEDED for each in changes)
    leads = lead_times(commits, window)
    restored = [each for each in incidents if each.ended_at and window.start <= each.ended_at < window.end]
    is_known = since is not None and since < window.end
    return Dora(
        deployments=len(changes),
        restoring=len(within) - len(changes),
        failed=failed,
        commits=len(leads),
        incidents=len(restored),
        open_incidents=sum(_is_open(each, window.end) for each in incidents),
        per_week=len(changes) * (WEEK / (window.end - window.start)) if is_known else None,
        change_fail_rate=failed / len(changes) if changes else None,
        lead_seconds=_median(leads),
        restore_seconds=_median([each.ended_at - each.began_at for each in restored if each.ended_at]),
    )


def lead_times(commits: Iterable[Committed], window: Window) -> list[timedelta]:
    """Return from commit to end of the deployment that first brought it, where that lies in the window.

    Only positive ones: a commit that is younger than its deployment has a clock of its own, or was told wrongly.
    """
    found = []
    for each in commits:
        out_at = min(each.out_at, default=None)
        if each.at is not None and out_at is not None and window.start <= out_at < window.end and out_at > each.at:
            found.append(out_at - each.at)
    return found


def incident_of(
    noticed: Sequence[tuple[datetime, datetime | None]], taken_back: Mapping[datetime, datetime | None]
) -> Incident | None:
    """Return the one incident of a deployment, or None where it caused none.

    `noticed`: start and end of each of its alerts. `taken_back`: {end of the deployment: when the older version was
    out} of its rollback, which counts where no alert tells better; None: requested, and not out.
    """
    spans = list(noticed) or list(taken_back.items())
    if not spans:
        return None
    ends = [end for _, end in spans]
    is_over = all(end is not None for end in ends)
    return Incident(min(began for began, _ in spans), max(end for end in ends if end) if is_over else None)


def _is_open(incident: Incident, at: datetime) -> bool:
    return incident.began_at < at and (incident.ended_at is None or incident.ended_at >= at)


def _median(values: Sequence[timedelta]) -> float | None:
    return median(each.total_seconds() for each in values) if values else None
