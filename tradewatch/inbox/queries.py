"""What is waiting in the inbox."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from tradewatch.inbox import queue_postgres, queue_sqlite
from tradewatch.inbox.models import Cursor, DeadLetter
from tradewatch.inbox.queue import DIGEST_CURSOR, Backlog


@dataclass(frozen=True, slots=True)
class DigestState:
    """Envelopes digested since the beginning, waiting now, and dead letters that wait for someone."""

    digested: int
    pending: int
    dead: int
    last_digested_at: datetime | None


def digest_state() -> DigestState:
    pending = backlog().pending  # first: what is digested in between then shows as digested
    cursor = Cursor.objects.filter(name=DIGEST_CURSOR).first()
    return DigestState(
        digested=cursor.digested_count if cursor else 0,
        pending=pending,
        dead=DeadLetter.objects.filter(state=DeadLetter.State.WAITING).count(),
        last_digested_at=cursor.last_digested_at if cursor else None,
    )


def backlog() -> Backlog:
    """Return what is accepted and not yet digested."""
    if settings.IS_POSTGRES:
        return queue_postgres.backlog()
    return queue_sqlite.backlog(digest_position())


def waiting_bytes(*, enough: int) -> int:
    """Return how many bytes are accepted and not yet digested (SQLite); once they are `enough`, at least that."""
    return 0 if settings.IS_POSTGRES else queue_sqlite.waiting_bytes(digest_position(), enough=enough)


def digest_position() -> int:
    """Return the id of the last inbox row that was digested (SQLite; 0 at first)."""
    return Cursor.objects.filter(name=DIGEST_CURSOR).values_list("position", flat=True).first() or 0
