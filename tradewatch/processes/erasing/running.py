"""Runs an erasure to its end, from wherever it stands: what a step found is stored with what it wrote, so that a kill
costs neither a row nor a count."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from tradewatch.core import audit
from tradewatch.core.actors import SYSTEM
from tradewatch.processes.erasing.job import Tally, person_from_json, places
from tradewatch.processes.erasing.passes import END, Standing, go_on
from tradewatch.processes.erasing.unreached import unreached
from tradewatch.processes.models import Erasure

LEASE = timedelta(minutes=2)
NOTE_EACH_SECONDS = 2.0
Say = Callable[[str], None]


class LeaseLost(Exception):
    """Another process goes on with this erasure."""


def claim(erasure: Erasure, *, now: datetime) -> bool:
    """Take the erasure if nobody is at it."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    open_ones = Erasure.objects.filter(free, pk=erasure.pk, state__in=(Erasure.State.WAITING, Erasure.State.RUNNING))
    lease = secrets.token_hex(8)
    if not open_ones.update(lease=lease, leased_until=now + LEASE, state=Erasure.State.RUNNING):
        return False
    Erasure.objects.filter(pk=erasure.pk, started_at=None).update(started_at=now)
    erasure.refresh_from_db()
    return True


def run(erasure: Erasure, *, say: Say = lambda text: None, clock: Callable[[], datetime] = timezone.now) -> None:
    """Go on with a claimed erasure until it is done. Raises `LeaseLost`."""
    _overwrite_what_is_deleted()
    standing = standing_of(erasure)
    standing.job.note = lambda: _note(erasure, standing, clock())
    noted_at = time.monotonic()
    while standing.phase != END:
        before = (standing.phase, standing.label)
        go_on(standing)
        has_moved = (standing.phase, standing.label) != before
        if standing.phase != before[0] or time.monotonic() - noted_at > NOTE_EACH_SECONDS:
            _note(erasure, standing, clock())
            noted_at = time.monotonic()
        if has_moved and before[1]:
            say(f"{before[0]}: {before[1]}")
    _finish(erasure, standing, clock())


def standing_of(erasure: Erasure) -> Standing:
    names = orjson.loads(erasure.sought)
    if not erasure.progress:
        return Standing.begin(person_from_json(names["given"]), erasure.project_id, is_dry=erasure.is_dry_run)
    return Standing.from_json(erasure.progress, names, erasure.project_id, is_dry=erasure.is_dry_run)


def stop(erasure: Erasure, *, state: str, fault: str = "", now: datetime) -> None:
    """End it before it is done. What was erased stays erased; who it was is forgotten."""
    Erasure.objects.filter(pk=erasure.pk).update(
        state=state, fault=fault[:300], ended_at=now, sought="", progress={}, lease="", leased_until=None
    )


def _note(erasure: Erasure, standing: Standing, now: datetime) -> None:
    held = Erasure.objects.filter(pk=erasure.pk, lease=erasure.lease, state=Erasure.State.RUNNING)
    sought = orjson.dumps(standing.names()).decode()
    if not held.update(progress=standing.as_json(), sought=sought, leased_until=now + LEASE):
        raise LeaseLost(f"{erasure} was taken over or stopped")


def _finish(erasure: Erasure, standing: Standing, now: datetime) -> None:
    report = _report(erasure, standing, now)
    counts = {what: [None, sum(found.values())] for what, found in _tallies(standing).items()}
    with transaction.atomic():
        held = Erasure.objects.filter(pk=erasure.pk, lease=erasure.lease, state=Erasure.State.RUNNING)
        done = {"state": Erasure.State.DONE, "ended_at": now, "report": report, "progress": {}}
        if not held.update(**done, sought="", lease="", leased_until=None):
            raise LeaseLost(f"{erasure} was taken over or stopped")
        audit.record(SYSTEM, "person.erased", erasure, project_id=erasure.project_id, changes=counts)
    erasure.refresh_from_db()


def _report(erasure: Erasure, standing: Standing, now: datetime) -> dict[str, object]:
    found = standing.looked if standing.is_dry else standing.erased
    return {
        "erasure": erasure.pk,
        "person": erasure.person_hash,
        "project": erasure.project_id,
        "only_looked": standing.is_dry,
        "asked_by": erasure.asked_by,
        "began_at": erasure.started_at.isoformat() if erasure.started_at else None,
        "ended_at": now.isoformat(),
        "passes": standing.round,
        "rows_looked_at": found.looked_at,
        "also_known_by": len(standing.job.also.ids) + len(standing.job.also.emails),
        "shared_names_left": len(standing.job.shared.ids) + len(standing.job.shared.emails),
        "common_names_left": len(standing.job.common.ids),
        "only_under_names_of_user_data": len(standing.job.person.ids - standing.job.person.distinctive.ids),
        **{
            name: [{"what": label, "project": project, "rows": rows} for label, project, rows in places(tally) if rows]
            for name, tally in _tallies(standing).items()
        },
        "not_reached": unreached(found, project_id=erasure.project_id),
    }


def _tallies(standing: Standing) -> dict[str, Tally]:
    found = standing.looked if standing.is_dry else standing.erased
    told = {name: getattr(standing.looked, name) for name in ("kept", "in_doubt", "longer", "unreadable")}
    return {"changed": found.changed, "deleted": found.deleted, **told}


def _overwrite_what_is_deleted() -> None:
    """Let SQLite write zeros over what is deleted: else it stays readable in the file until the room is used again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")
