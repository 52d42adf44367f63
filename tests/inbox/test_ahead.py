"""The digest with a process that prepares ahead: the same rows are stored, whatever becomes of that process."""

import contextlib
import threading
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections

from tests.backends import wait_until
from tests.errors.documents import make_event
from tests.inbox.builders import make_envelope, queue_up
from tests.projects.builders import make_project
from tradewatch.errors.models import Event
from tradewatch.inbox import preparing
from tradewatch.inbox.ahead import READY, Ahead, prepare_after, serve_preparing
from tradewatch.inbox.digest import digest_batch
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.projects.config import forget_configs

pytestmark = pytest.mark.django_db(transaction=True)
Serve = Callable[[Connection], None]


class Other:
    """The other process, played by a thread at the far end of a real line."""

    def __init__(self, serve: Serve) -> None:
        self.serve = serve
        self.started = 0

    def __call__(self) -> tuple[Any, Connection]:
        self.started += 1
        ours, theirs = Pipe()
        threading.Thread(target=self._run, args=(theirs,), daemon=True).start()
        return None, ours

    def _run(self, line: Connection) -> None:
        # The tests' database in memory locks readers out while a batch is written; one in a file does not.
        with contextlib.suppress(DatabaseError):
            self.serve(line)
        line.close()
        connections.close_all()


def preparing_well(line: Connection) -> None:
    serve_preparing(line, HANDLERS)


def dying_at_the_first_question(line: Connection) -> None:
    line.send_bytes(READY)
    with contextlib.suppress(EOFError, OSError):
        line.recv_bytes()


def talking_nonsense(line: Connection) -> None:
    line.send_bytes(READY)
    with contextlib.suppress(EOFError, OSError):
        line.recv_bytes()
        line.send_bytes(b"nonsense")


@pytest.fixture
def queued(inbox: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """25 events in an inbox on SQLite (the main database is either), in batches of 5."""
    settings.IS_POSTGRES = False
    project = make_project()
    forget_configs()
    monkeypatch.setattr(preparing, "ROWS_A_BATCH", 5)
    queue_up(*(make_envelope(("event", make_event())) for _ in range(25)), project_id=project.pk)
    return 25


def digest_until_empty(ahead: Ahead) -> int:
    rows = 0
    while got := digest_batch(HANDLERS, ahead=ahead).rows:
        rows += got
    return rows


def is_ready(ahead: Ahead) -> bool:
    ahead.ask(0)
    return ahead._asked == 0


def started(serve: Serve) -> tuple[Ahead, Other]:
    other = Other(serve)
    ahead = Ahead(other)
    wait_until(lambda: is_ready(ahead), what="the other process", seconds=5)
    return ahead, other


@pytest.mark.parametrize("serve", [preparing_well, dying_at_the_first_question, talking_nonsense])
def test_every_row_is_stored_once(queued: int, serve: Serve) -> None:
    ahead, _ = started(serve)
    assert digest_until_empty(ahead) == queued
    assert Event.objects.count() == queued
    ahead.stop()


def test_what_was_prepared_ahead_is_what_the_digest_would_have_prepared(queued: int) -> None:
    ahead, _ = started(preparing_well)
    taken = ahead.take(0)
    assert taken is not None
    here = prepare_after(0, HANDLERS)
    assert [one.row for one in taken] == [one.row for one in here]
    assert [one.drafted[0].draft for one in taken] == [one.drafted[0].draft for one in here]
    ahead.stop()


def test_a_batch_for_another_position_is_not_taken(queued: int) -> None:
    ahead, _ = started(preparing_well)
    assert ahead.take(3) is None
    assert digest_until_empty(ahead) == queued
    ahead.stop()


def test_without_a_backlog_nothing_is_started(queued: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "ROWS_A_BATCH", queued + 1)
    other = Other(preparing_well)
    assert digest_until_empty(Ahead(other)) == queued
    assert other.started == 0


def test_a_single_full_batch_is_no_backlog(queued: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "ROWS_A_BATCH", queued - 1)
    other = Other(preparing_well)
    assert digest_until_empty(Ahead(other)) == queued
    assert other.started == 0


def test_a_full_batch_after_one_that_was_not_begins_to_count_anew() -> None:
    other = Other(preparing_well)
    ahead = Ahead(other)
    for _ in range(3):
        ahead.ask(0)
        ahead.rest()
    assert other.started == 0


def test_a_process_that_is_not_ready_is_not_waited_for(queued: int) -> None:
    other = Other(lambda line: threading.Event().wait(5) and None)
    assert digest_until_empty(Ahead(other)) == queued
    assert other.started == 1


def test_an_unused_process_is_ended_and_started_again_when_needed(queued: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead, other = started(preparing_well)
    ahead.rest()
    assert ahead.take(0) is not None  # used a moment ago: it is still there
    monkeypatch.setattr("tradewatch.inbox.ahead.IDLE_SECONDS", 0.0)
    ahead.rest()
    assert ahead.take(0) is None
    assert digest_until_empty(ahead) == queued
    assert other.started == 2
    ahead.stop()
