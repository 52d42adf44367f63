"""What a look writes down: `DeploymentLook.evidence` is `as_json(Evidence(...))`, and `evidence_of` reads it back.

Shares are from 0 to 1, times in seconds, moments ISO 8601 in UTC. None: not a number, or not asked.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec


class Finding(StrEnum):
    """Same: neither, or too little to matter. Few: a change that matters could have gone unseen."""

    WORSE = "worse"
    SAME = "same"
    BETTER = "better"
    FEW = "few"


class Basis(StrEnum):
    """Which stretch stands for before."""

    DIRECT = "direct"  # the one that ends where the deployment began
    SESSION = "session"  # the same phase of an earlier market session
    UNHEALTHY = "before_unhealthy"  # the one before earlier deployments that were called unhealthy


@dataclass(frozen=True, slots=True)
class Stretch:
    """[start, end), whole minutes. `shared`: the further minute at its edge, of which only what names the deployed
    version, or only what names another one, was counted; None: none."""

    start: datetime
    end: datetime
    shared: datetime | None = None

    @property
    def minutes(self) -> int:
        return round((self.end - self.start).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Share:
    """`low`, `high`: Wilson's 95% interval of the ratio; None without requests."""

    failed: int
    requests: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ErrorFinding:
    """One endpoint's failures. `more`: failures beyond those expected. `p`: Fisher's, `q`: corrected over endpoints.
    `burstiness`: how many failures used to come together; it is asked only where they seem to have risen.

    `smallest`: from which ratio on a rise would have shown, where that was too few to tell.
    """

    endpoint: str
    op: str
    finding: Finding
    before: Share
    after: Share
    risk_ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    more: float = 0.0
    p: float = 1.0
    q: float = 1.0
    smallest: float | None = None
    burstiness: float = 1.0


@dataclass(frozen=True, slots=True)
class Times:
    measured: int
    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class LatencyFinding:
    """One endpoint's durations. `shift`: by which factor they changed (1.1: a tenth longer). `a12`: how likely a
    request after took longer than one before. `smallest_a12`: what would have shown, where that was too few to tell.
    `wandering`: by which share it used to move from five minutes to the next; asked only where it seems slower."""

    endpoint: str
    op: str
    finding: Finding
    before: Times
    after: Times
    shift: float | None = None
    a12: float | None = None
    p: float = 1.0
    q: float = 1.0
    smallest_a12: float | None = None
    wandering: float = 0.0


@dataclass(frozen=True, slots=True)
class IssueFinding:
    """One issue's events. `p`: conditional binomial, `q`: corrected over issues. `is_new`: since the deployment."""

    issue_id: int
    title: str
    culprit: str
    finding: Finding
    before: int
    after: int
    is_new: bool
    p: float = 1.0
    q: float = 1.0
    burstiness: float = 1.0


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest change that the busiest endpoint could have shown; `ratio` None: not even all of them failing."""

    endpoint: str
    requests: int
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the counts say. Lists begin with what got worse, then the busiest; `*_asked` says of how many they are.

    `judged_share`: of the requests after, those of endpoints on which a change that matters would have shown.
    """

    verdict: str
    errors: tuple[ErrorFinding, ...] = ()
    latencies: tuple[LatencyFinding, ...] = ()
    issues: tuple[IssueFinding, ...] = ()
    errors_asked: int = 0
    latencies_asked: int = 0
    issues_asked: int = 0
    requests_before: int = 0
    requests_after: int = 0
    judged_share: float | None = None
    smallest: Smallest | None = None
    level: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """`basis` and `why`: which stretch stands for before. `market`, `phase`: of the stretch after; empty: none known.

    `of_version`: how many requests after named the deployed version; None: it is not known, or none names any.
    `cut_by`: the deployment that followed before the look was due, at whose start the stretch ends.
    """

    before: Stretch
    after: Stretch
    basis: Basis
    why: str
    judgement: Judgement
    market: str = ""
    phase: str = ""
    of_version: int | None = None
    cut_by: int | None = None


def as_json(evidence: Evidence) -> dict[str, Any]:
    """Return plain values for a JSON column."""
    plain: dict[str, Any] = _plain(asdict(evidence))
    return plain


def evidence_of(stored: dict[str, Any]) -> Evidence:
    """Return what `as_json` wrote; fields it does not know yet, or no longer, are left out."""
    return msgspec.convert(stored, Evidence)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return float(f"{value:.6g}") if isinstance(value, float) else value
