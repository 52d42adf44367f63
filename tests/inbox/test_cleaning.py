from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings as live_settings

from tests.inbox.builders import make_envelope, queue_up
from tradewatch.core import bulk
from tradewatch.inbox import cleaning, queue_sqlite
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.models import AttachmentChunk, DeadLetter, KeptItem
from tradewatch.inbox.queries import backlog
from tradewatch.projects.models import Project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inbox")]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def project():
    return Project.objects.create(name="Desk", slug="desk-9")


def rows_in_queue():
    return (
        backlog().pending if live_settings.IS_POSTGRES else len(queue_sqlite.read_after(0, limit=99, max_bytes=1 << 20))
    )


class TestQueue:
    def queue_and_digest(self, project, *ages_minutes):
        for minutes in ages_minutes:
            at = (NOW - timedelta(minutes=minutes)).timestamp()
            queue_up(make_envelope(), project_id=project.pk, received_at=at)
        digest_batch({})

    def test_digested_rows_leave_after_ten_minutes(self, project):
        self.queue_and_digest(project, 30, 11, 9)
        deleted = cleaning.clean_queue(NOW)
        assert (deleted, rows_in_queue()) == ((0, 0) if live_settings.IS_POSTGRES else (2, 1))

    def test_digested_rows_of_a_clock_that_was_ahead_leave_too(self, project):
        self.queue_and_digest(project, -70, 9)
        deleted = cleaning.clean_queue(NOW)
        assert (deleted, rows_in_queue()) == ((0, 0) if live_settings.IS_POSTGRES else (1, 1))

    def test_what_is_not_digested_stays(self, project):
        queue_up(make_envelope(), project_id=project.pk, received_at=NOW.timestamp() - 3600)
        assert cleaning.clean_queue(NOW) == 0
        assert rows_in_queue() == 1

    def test_rows_stay_while_the_main_database_may_still_forget_them(self, project, monkeypatch):
        self.queue_and_digest(project, 30)
        monkeypatch.setattr(bulk, "checkpoint", lambda: False)
        monkeypatch.setattr(cleaning, "_on_disk", 0)
        before = rows_in_queue()
        assert cleaning.clean_queue(NOW) == 0
        assert rows_in_queue() == before

    def test_a_checkpoint_that_does_not_catch_up_keeps_only_what_came_after_the_last_that_did(
        self, project, monkeypatch
    ):
        self.queue_and_digest(project, 9, 8)
        assert cleaning.clean_queue(NOW) == 0
        self.queue_and_digest(project, 8)
        monkeypatch.setattr(bulk, "checkpoint", lambda: False)
        deleted = cleaning.clean_queue(NOW + timedelta(minutes=5))
        assert (deleted, rows_in_queue()) == ((0, 0) if live_settings.IS_POSTGRES else (2, 1))


@pytest.mark.parametrize(
    ("days", "state", "expected"),
    [
        (13, "waiting", ["waiting"]),
        (15, "waiting", ["expired"]),
        (15, "retried", ["retried"]),
        (91, "retried", []),
        (91, "waiting", []),
    ],
)
def test_dead_letters_lose_their_bodies_and_then_go(project, settings, days, state, expected):
    settings.DEAD_LETTER_RETENTION, settings.EVENT_RETENTION = timedelta(days=14), timedelta(days=90)
    at = NOW - timedelta(days=days)
    DeadLetter.objects.create(
        project_id=project.pk,
        received_at=at,
        failed_at=at,
        reason="r",
        encoding="gzip",
        address="203.0.113.9",
        state=state,
        body=b"raw" if state == "waiting" else None,
        body_bytes=3,
    )
    cleaning.expire_dead_letters(NOW)
    letters = list(DeadLetter.objects.all())
    assert [letter.state for letter in letters] == expected
    for letter in letters:
        assert (letter.body is not None) == (letter.state == "waiting")
        assert bool(letter.address) == (letter.state == "waiting" or state == "retried")


def test_kept_items_go_with_their_chunks_in_steps(project, settings, monkeypatch):
    settings.KEPT_ITEM_RETENTION = timedelta(days=30)
    monkeypatch.setattr(cleaning, "ROWS_A_STEP", 2)
    for days in (1, 31, 32, 33, 34, 35):
        item = KeptItem.objects.create(
            project=project,
            item_type="attachment",
            identity=uuid4(),
            received_at=NOW - timedelta(days=days),
            payload=b"",
        )
        for number in range(3):
            AttachmentChunk.objects.create(item=item, number=number, data=b"x")
    assert cleaning.delete_old_kept_items(NOW) == 5
    assert KeptItem.objects.count() == 1
    assert AttachmentChunk.objects.count() == 3


def test_each_project_keeps_its_items_for_its_own_days(project, settings):
    settings.KEPT_ITEM_RETENTION = timedelta(days=30)
    own = Project.objects.create(name="own", slug="own", attachment_days=5)
    for each in (project, own):
        item = {"item_type": "attachment", "received_at": NOW - timedelta(days=6), "payload": b""}
        KeptItem.objects.create(project=each, **item)
    assert cleaning.delete_old_kept_items(NOW) == 1
    assert KeptItem.objects.get().project == project
