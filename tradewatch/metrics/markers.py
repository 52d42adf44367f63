"""What is marked on every chart: moments that explain a change, such as a release's first event or a deployment.

An app registers its source from its `AppConfig.ready`; whoever draws a chart asks for the markers of its time.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

logger = logging.getLogger(__name__)

MOST = 40  # more flags than that hide the chart; the newest are kept


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """`at_epoch` in seconds; `label` is short, such as a version; `words` say what happened; `link` may be empty."""

    at_epoch: int
    label: str
    words: str = ""
    link: str = ""


# Takes project ids, an environment (empty: all) and [start, end) in epoch seconds.
Source = Callable[[Sequence[int], str, int, int], Iterable[Marker]]

_sources: dict[str, Source] = {}


def add_marker_source(name: str, source: Source) -> None:
    """Let `source` mark all charts. The same name again replaces it."""
    _sources[name] = source


def markers_between(project_ids: Sequence[int], environment: str, start: int, end: int) -> list[Marker]:
    """Return the markers within [start, end), in order of time, the newest 40. A source that fails is left out."""
    found = [marker for name in sorted(_sources) for marker in _ask(name, project_ids, environment, start, end)]
    return sorted(marker for marker in found if start <= marker.at_epoch < end)[-MOST:]


def _ask(name: str, project_ids: Sequence[int], environment: str, start: int, end: int) -> list[Marker]:
    try:
        return list(_sources[name](project_ids, environment, start, end))
    except Exception:
        logger.exception("marker source failed source=%s", name)
        return []
