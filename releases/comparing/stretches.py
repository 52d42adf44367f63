"""When a version was in an environment. Reads."""

from datetime import datetime, timedelta

from releases.deployments.queries import went_out
from releases.notes.ranges import names_of
from tradewatch.core.windows import Window
from tradewatch.projects.models import Release, ReleaseSighting

_A_MINUTE = timedelta(minutes=1)  # sightings are exact to it


def time_in(
    project_id: int, version: str, release: Release | None, environment: str, *, now: datetime
) -> Window | None:
    """Return the time from when the version first went out there until another one took its place for good, or `now`.

    Without a deployment: from when its clients were first met there until they were last. None: neither is known.
    """
    names = names_of(project_id, version)
    rows = went_out([project_id], environment).filter(finished_at__lte=now).order_by("finished_at", "id")
    own = list(rows.filter(version__in=names).values_list("finished_at", flat=True))
    if not own:
        return _seen_in(release, environment, now=now)
    after = rows.filter(finished_at__gt=own[-1]).exclude(version__in=names).first()
    end = (after.finished_at if after else None) or now
    return _window(own[0] or now, end)


def _seen_in(release: Release | None, environment: str, *, now: datetime) -> Window | None:
    row = ReleaseSighting.objects.filter(release=release, environment=environment).first() if release else None
    return _window(row.first_seen_at, min(row.last_seen_at + _A_MINUTE, now)) if row else None


def _window(start: datetime, end: datetime) -> Window:
    return Window(start, max(end, start + _A_MINUTE))
