"""Reads how releases do, from the counters and sketches of their sessions."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil

from releases.health.figures import Health
from tradewatch.core.windows import Window
from tradewatch.metrics.queries import distinct, series_points, totals
from tradewatch.performance.sessions import CRASHED, CRASHED_USERS, ERRORED, SESSIONS, USERS, of_release

ADOPTION_OVER = timedelta(hours=24)
_COUNTED = (SESSIONS, ERRORED, CRASHED)
_SKETCHED = (USERS, CRASHED_USERS)


def health_of(
    project_id: int, release_ids: Sequence[int], window: Window, environment: str | None = None
) -> Mapping[int, Health]:
    """Return the health of each release over the minutes that touch the window; users over the hours that touch it."""
    about = int(window.start.timestamp()), ceil(window.end.timestamp() / 60) * 60, environment
    counted = totals([project_id], [SESSIONS, *_names(release_ids, _COUNTED)], *about)
    met = distinct([project_id], [USERS, *_names(release_ids, _SKETCHED)], *about)

    def count(series: str) -> int:
        return counted[series].count if series in counted else 0

    def health(release_id: int) -> Health:
        return Health(
            sessions=count(of_release(release_id, SESSIONS)),
            errored=count(of_release(release_id, ERRORED)),
            crashed=count(of_release(release_id, CRASHED)),
            users=met.get(of_release(release_id, USERS), 0),
            crashed_users=met.get(of_release(release_id, CRASHED_USERS), 0),
            all_sessions=count(SESSIONS),
            all_users=met.get(USERS, 0),
        )

    return {release_id: health(release_id) for release_id in release_ids}


def health_points(
    project_id: int, release_id: int, window: Window, step_seconds: int, environment: str | None = None
) -> list[tuple[int, int, int, int]]:
    """Return (start, sessions, errored, crashed) of each step in which a session began, in order of time."""
    about = int(window.start.timestamp()), int(window.end.timestamp()), step_seconds, environment
    points: dict[int, list[int]] = {}
    for at, name in enumerate(_COUNTED):
        for start, count, _ in series_points([project_id], of_release(release_id, name), *about):
            points.setdefault(start, [0, 0, 0])[at] = count
    return [(start, *points[start]) for start in sorted(points)]  # type: ignore[misc]  # three numbers


def _names(release_ids: Sequence[int], series: Sequence[str]) -> list[str]:
    return [of_release(release_id, name) for release_id in release_ids for name in series]
