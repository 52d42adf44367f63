"""When scheduled backups were made, and whether one is missing: read by whoever shows or tells it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from tradewatch.core.models import Pulse

DONE, FAILED, TRIED = "backup:done", "backup:failed", "backup:tried"
_GRACE = timedelta(hours=1)  # for a large one to be written

OFF, WAITING, OK, OVERDUE, BROKEN = "off", "waiting", "ok", "overdue", "failed"


@dataclass(frozen=True, slots=True)
class BackupState:
    """`state` is one of the words above; `waiting`: the first was not due for long. `text` says it in a sentence."""

    state: str
    text: str
    done_at: datetime | None = None
    failed_at: datetime | None = None
    tried_at: datetime | None = None

    @property
    def is_trouble(self) -> bool:
        return self.state in (OVERDUE, BROKEN)


def backup_state(now: datetime) -> BackupState:
    if settings.BACKUP_FOLDER is None:
        return BackupState(OFF, "no scheduled backups: TRADEWATCH_BACKUP_FOLDER is not set")
    at = dict(Pulse.objects.filter(name__in=(DONE, FAILED, TRIED)).values_list("name", "at"))
    return judge(at.get(DONE), at.get(FAILED), at.get(TRIED), every=settings.BACKUP_EVERY, now=now)


def judge(
    done: datetime | None, failed: datetime | None, tried: datetime | None, *, every: timedelta, now: datetime
) -> BackupState:
    """Return the state for the last moments of each kind; None: never."""
    if failed and (done is None or failed > done):
        state, text = BROKEN, f"the last try failed{_ago(failed, now)}; the last good backup was made{_ago(done, now)}"
    elif done is None:
        late = tried is not None and now - tried > _GRACE
        state = OVERDUE if late else WAITING
        text = f"no backup was made yet; the first was begun{_ago(tried, now)}" if late else "the first is due"
    elif now - done > every + _GRACE:
        state, text = OVERDUE, f"the last backup was made{_ago(done, now)}"
    else:
        state, text = OK, f"the last backup was made{_ago(done, now)}"
    return BackupState(state, text, done, failed, tried)


def as_status(now: datetime) -> dict[str, object]:
    """Return what the status endpoint says: the state, when the last was made and its age in seconds."""
    found = backup_state(now)
    return {
        "state": found.state,
        "last_backup_at": found.done_at.isoformat() if found.done_at else None,
        "last_backup_age_seconds": round((now - found.done_at).total_seconds()) if found.done_at else None,
        "last_failed_at": found.failed_at.isoformat() if found.failed_at else None,
    }


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return " never"
    hours = max(0.0, (now - at).total_seconds() / 3600)
    return f" {hours / 24:.0f} days ago" if hours >= 48 else f" {hours:.0f} h ago"
