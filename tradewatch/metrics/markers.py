"""What is marked on every chart: moments and times that explain a change, such as a release's first event, a deployment
or a firing alert.

An app registers its sources from its `AppConfig.ready`; whoever draws a chart asks for what lies in its time.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)

Kind = Literal["release", "deployment"]
SAME_WITHIN_SECONDS = 3600  # a release shows itself so long before or after a deployment's end, and is its release
MOST = 40  # more flags than that hide the chart; the newest are kept


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """`at_epoch` in seconds; `label` is short, such as a version; `words` say what happened; `link` may be empty."""

    at_epoch: int
    label: str
    words: str = ""
    link: str = ""
    kind: Kind = "release"


class Band(NamedTuple):
    """A time, [start, end) in epoch seconds, in which something was wrong; `words` say what, `link` may be empty."""

    start: int
    end: int
    words: str = ""
    link: str = ""


# Takes project ids, an environment (empty: all) and [start, end) in epoch seconds.
Source = Callable[[Sequence[int], str, int, int], Iterable[Marker]]
BandSource = Callable[[Sequence[int], str, int, int], Iterable[Band]]

_sources: dict[str, Source] = {}
_band_sources: dict[str, BandSource] = {}


def add_marker_source(name: str, source: Source) -> None:
    """Let `source` mark all charts. The same name again replaces it."""
    _sources[name] = source


def add_band_source(name: str, source: BandSource) -> None:
    """Let `source` shade all charts. The same name again replaces it."""
    _band_sources[name] = source


def markers_between(project_ids: Sequence[int], environment: str, start: int, end: int) -> list[Marker]:
    """Return the markers within [start, end), in order of time, the newest 40. A source that fails is left out."""
    found = _said_once(_ask(_sources, project_ids, environment, start, end))
    return sorted(marker for marker in found if start <= marker.at_epoch < end)[-MOST:]


def bands_between(project_ids: Sequence[int], environment: str, start: int, end: int) -> list[Band]:
    """Return the bands that touch [start, end), cut to it, in order of time, the newest 40."""
    found = _ask(_band_sources, project_ids, environment, start, end)
    cut = (band._replace(start=max(band.start, start), end=min(band.end, end)) for band in found)
    return sorted(band for band in cut if band.start < band.end)[-MOST:]


def _said_once(found: Sequence[Marker]) -> list[Marker]:
    """Leave out that a release was first seen where a deployment near it says more: two flags would hide each other."""
    deployed = [each for each in found if each.kind == "deployment"]
    return [
        marker
        for marker in found
        if marker.kind == "deployment"
        or not any(
            each.label == marker.label and abs(each.at_epoch - marker.at_epoch) <= SAME_WITHIN_SECONDS
            for each in deployed
        )
    ]


def _ask(
    sources: Mapping[str, Callable[[Sequence[int], str, int, int], Iterable[T]]],
    project_ids: Sequence[int],
    environment: str,
    start: int,
    end: int,
) -> list[T]:
    found: list[T] = []
    for name in sorted(sources):
        try:
            found += sources[name](project_ids, environment, start, end)
        except Exception:
            logger.exception("marker source failed source=%s", name)
    return found
