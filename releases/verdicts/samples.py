"""What was counted in a stretch of time, as judging takes it. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Endpoint(NamedTuple):
    """A transaction's name; the same name under two operations is two of them."""

    name: str
    op: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Requests that were really received (a client's sample rate makes no evidence), and how many of them failed.

    `bins` {bin of `metrics.histogram`: how many} of those `measured`: fractions where rates differed.
    """

    requests: int = 0
    failed: int = 0
    measured: int = 0
    bins: Mapping[int, float] = field(default_factory=dict)


EMPTY = Sample()


@dataclass(frozen=True, slots=True)
class IssueSample:
    """Events of an issue. `is_new`: first met since the deployment began. `burstiness`: 1 for events that come by
    themselves; 5 where they used to come five at a time."""

    issue_id: int
    title: str
    culprit: str = ""
    before: int = 0
    after: int = 0
    is_new: bool = False
    burstiness: float = 1.0


@dataclass(frozen=True, slots=True)
class Noise:
    """How endpoints used to wander: their failures (see `statistics.noise.dispersion`, 1 where not named) and the
    logarithm of their latency over blocks of five minutes (`wandering`, 0 where not named)."""

    failures: Mapping[Endpoint, float] = field(default_factory=dict)
    latency: Mapping[Endpoint, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """Both stretches. `shares_after`: which shares of all exposure (time, requests) lay after."""

    before: Mapping[Endpoint, Sample]
    after: Mapping[Endpoint, Sample]
    issues: tuple[IssueSample, ...] = ()
    shares_after: tuple[float, ...] = (0.5,)
    noise: Noise = Noise()
