"""Walks through the digest with a handler that counts what it stores, so that a rollback shows in the numbers."""

import gzip
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import zstandard
from django.conf import settings as live_settings
from django.db import IntegrityError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from tests.inbox.builders import make_envelope, queue_up
from tradewatch.inbox import digest as digest_module
from tradewatch.inbox import parts, preparing
from tradewatch.inbox.digest import DigestStats, digest_batch
from tradewatch.inbox.envelope import parse_envelope
from tradewatch.inbox.handlers import COPIES, Unreadable
from tradewatch.inbox.limits import current_limits
from tradewatch.inbox.models import Cursor, DeadLetter
from tradewatch.inbox.queries import backlog
from tradewatch.inbox.queue import DIGEST_CURSOR
from tradewatch.metrics.models import Counter as Bucket
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.projects.models import Environment, Project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inbox")]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT = 1_700_000_000
SECRET = "hunter2"


class Telling:
    """Counts each item under its name; the item itself says how it misbehaves."""

    def __init__(self):
        self.arrivals = []
        self.batches = []
        self.outages = 0
        self.dies = False

    def prepare(self, item, arrival):
        self.arrivals.append(arrival)
        draft = orjson.loads(item.payload)
        if draft.get("unreadable"):
            raise Unreadable("It says so itself.")
        return None if draft.get("unwanted") else draft | {"project": arrival.project.id}

    def store(self, drafts, *, now):
        self.batches.append(len(drafts))
        add_counts([CountRow(draft["project"], "test", f"seen:{draft['name']}", AT) for draft in drafts])
        if any(draft.get("poison") for draft in drafts):
            raise ValueError(SECRET)
        for draft in drafts:
            if draft.get("orphan"):
                Environment.objects.create(project_id=987_654, name=draft["name"], first_seen_at=now)
        if self.outages:
            self.outages -= 1
            raise outage()
        if self.dies:
            raise SystemExit("killed")


def outage() -> OperationalError:
    error = OperationalError("database is locked")
    error.__cause__ = type("Cause", (Exception,), {"sqlite_errorcode": 5, "sqlstate": "40P01"})()
    return error


@pytest.fixture
def project():
    return Project.objects.create(name="Desk", slug="desk-7")


@pytest.fixture
def telling():
    return Telling()


@pytest.fixture
def handlers(telling):
    return {"event": telling, "log": telling}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(digest_module, "PAUSES_SECONDS", (0.0, 0.0, 0.0))


def event(name, **flags):
    return make_envelope(("event", {"name": name, **flags}))


def seen():
    rows = Bucket.objects.filter(series__startswith="seen:", resolution=60).values_list("series", "count")
    return Counter({series.removeprefix("seen:"): count for series, count in rows})


def digest_all(handlers):
    total = DigestStats()
    while (stats := digest_batch(handlers, now=NOW)).rows:
        total += stats
    return total


def test_an_empty_queue_is_no_work(handlers):
    assert digest_batch(handlers) == DigestStats()


def test_a_batch_is_stored_and_the_cursor_moves(project, telling, handlers):
    queue_up(
        event("a"), event("b"), make_envelope(("event", {"name": "c"}), ("log", {"name": "d"})), project_id=project.pk
    )
    assert digest_batch(handlers, now=NOW) == DigestStats(rows=3, stored=4)
    assert seen() == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert telling.batches == [4]  # a handler of two types is called once
    cursor = Cursor.objects.get(name=DIGEST_CURSOR)
    assert (cursor.digested_count, cursor.last_digested_at) == (3, NOW)
    assert backlog().pending == 0
    assert digest_batch(handlers, now=NOW) == DigestStats()
    assert seen().total() == 4


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
def test_bodies_are_decompressed(project, handlers, encoding):
    pack = {"identity": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}[encoding]
    queue_up(pack(event("a")), project_id=project.pk, encoding=encoding)
    assert digest_batch(handlers).stored == 1


def test_handlers_learn_how_the_envelope_came(project, telling, handlers):
    sent_at = datetime.fromtimestamp(AT, UTC) - timedelta(hours=2)
    body = make_envelope(("event", {"name": "a"}), sent_at=sent_at.isoformat(), event_id="e" * 32)
    queue_up(body, project_id=project.pk, received_at=AT, address="203.0.113.9")
    digest_batch(handlers)
    (arrival,) = telling.arrivals
    assert (arrival.project.slug, arrival.address, arrival.headers["event_id"]) == ("desk-7", "203.0.113.9", "e" * 32)
    assert (arrival.received_at, arrival.drift) == (datetime.fromtimestamp(AT, UTC), timedelta(hours=2))


def test_what_nobody_wants_is_counted_as_discarded(project, handlers):
    items = [("event", {"name": "a", "unwanted": True}), ("profile", {}), ("profile", {}), ("made-up", {}), ("xyz", {})]
    queue_up(make_envelope(*items), project_id=project.pk)
    assert digest_batch(handlers) == DigestStats(rows=1, discarded=5)
    rows = Bucket.objects.filter(series__startswith="discarded.", resolution=3600).values_list("series", "count")
    assert dict(rows) == {"discarded.event": 1, "discarded.profile": 2, "discarded.unknown": 2}


def test_the_star_takes_what_nobody_else_does(project, telling):
    queue_up(make_envelope(("event", {"name": "a"}), ("log", {"name": "b"})), project_id=project.pk)
    others = Telling()
    digest_batch({"event": telling, "*": others})
    assert (telling.batches, others.batches) == ([1], [1])


class TestPoison:
    @pytest.mark.parametrize("position", [0, 3, 6])
    @pytest.mark.parametrize(
        ("flag", "reason"),
        [
            ("poison", "ValueError in store (tests/inbox/test_digest.py:"),
            ("unreadable", "It says so itself."),
            ("orphan", "IntegrityError in "),
        ],
    )
    def test_one_poison_item_dies_alone(self, project, handlers, flag, reason, position):
        bodies = [event(f"good-{number}") for number in range(6)]
        bodies.insert(position, event("bad", **{flag: True}))
        queue_up(*bodies, project_id=project.pk)
        assert digest_all(handlers) == DigestStats(rows=7, stored=6, dead=1)
        assert seen() == {f"good-{number}": 1 for number in range(6)}
        letter = DeadLetter.objects.get()
        assert letter.reason.startswith(reason)
        assert bytes(letter.body) == bodies[position]
        assert (letter.project_id, letter.address, letter.failed_at) == (project.pk, "192.0.2.7", NOW)
        assert SECRET not in letter.reason + letter.detail
        assert Cursor.objects.get(name=DIGEST_CURSOR).digested_count == 7
        assert backlog().pending == 0

    def test_all_poison_leaves_nothing_behind(self, project, handlers):
        queue_up(*(event(f"bad-{number}", poison=True) for number in range(5)), project_id=project.pk)
        assert digest_all(handlers) == DigestStats(rows=5, dead=5)
        assert not seen()

    @pytest.mark.parametrize("flag", ["poison", "unreadable"])
    def test_the_other_items_of_its_envelope_are_stored_and_not_buried(self, project, handlers, flag):
        items = [("event", {"name": "good"}), ("log", {"name": "bad", flag: True}), ("profile", {})]
        queue_up(make_envelope(*items, event_id="e" * 32), event("next"), project_id=project.pk)
        assert digest_all(handlers) == DigestStats(rows=2, stored=2, discarded=1, dead=1)
        assert seen() == {"good": 1, "next": 1}
        letter = DeadLetter.objects.get()
        assert letter.encoding == "identity"
        envelope = parse_envelope(bytes(letter.body), current_limits())
        assert envelope.headers == {"event_id": "e" * 32}
        assert [(item.type, orjson.loads(item.payload)) for item in envelope.items] == [
            ("log", {"name": "bad", flag: True})
        ]

    def test_items_that_only_fail_together_are_buried_together(self, project, telling, handlers, monkeypatch):
        def store(drafts, *, now):
            if len(drafts) > 1:
                raise RuntimeError

        monkeypatch.setattr(telling, "store", store)
        queue_up(make_envelope(("event", {"name": "a"}), ("event", {"name": "b"})), project_id=project.pk)
        assert digest_all(handlers) == DigestStats(rows=1, dead=1)

    @pytest.mark.parametrize(
        ("body", "encoding"),
        [(b"", "identity"), (b"not json\n", "identity"), (b"\x1f\x8bnonsense", "gzip"), (b'{}\n{"type":', "identity")],
    )
    def test_bytes_that_are_no_envelope(self, project, handlers, body, encoding):
        queue_up(body, project_id=project.pk, encoding=encoding)
        queue_up(event("good"), project_id=project.pk)
        assert digest_all(handlers) == DigestStats(rows=2, stored=1, dead=1)
        letter = DeadLetter.objects.get()
        assert (bytes(letter.body), letter.encoding, letter.body_bytes) == (body, encoding, len(body))
        assert letter.reason

    def test_a_project_that_is_gone(self, handlers):
        queue_up(event("a"), project_id=4321)
        assert digest_all(handlers).dead == 1
        assert DeadLetter.objects.get().reason == "project 4321 does not exist (any more)"

    def test_a_project_younger_than_the_snapshot_is_known(self, project, handlers):
        queue_up(event("a"), project_id=project.pk)
        digest_all(handlers)
        younger = Project.objects.create(name="Younger", slug="younger")
        queue_up(event("b"), project_id=younger.pk)
        assert digest_all(handlers) == DigestStats(rows=1, stored=1)


class TestCrash:
    def test_what_was_prepared_but_not_committed_is_digested_again_once(self, project, telling, handlers):
        queue_up(event("a"), event("b"), project_id=project.pk)
        telling.dies = True
        with pytest.raises(SystemExit):
            digest_batch(handlers)
        assert not seen()
        assert backlog().pending == 2
        telling.dies = False
        assert digest_all(handlers) == DigestStats(rows=2, stored=2)
        assert seen() == {"a": 1, "b": 1}

    @pytest.mark.parametrize("outages", [1, 3])
    def test_a_busy_database_is_tried_again(self, project, telling, handlers, outages):
        queue_up(event("a"), event("b"), project_id=project.pk)
        telling.outages = outages
        assert digest_batch(handlers) == DigestStats(rows=2, stored=2)
        assert seen() == {"a": 1, "b": 1}
        assert not DeadLetter.objects.exists()

    def test_a_database_that_stays_away_is_raised_and_nothing_is_lost(self, project, telling, handlers):
        queue_up(event("a"), event("b", poison=True), project_id=project.pk)
        telling.outages = 1000
        queue_up(event("c"), project_id=project.pk)
        with pytest.raises(OperationalError):
            digest_all({"event": telling})
        telling.outages = 0
        digest_all(handlers)
        assert seen() == {"a": 1, "c": 1}
        assert DeadLetter.objects.count() == 1


def elsewhere(work):
    """Run `work` as another process would: on PostgreSQL with a connection of its own. The memory database of the
    tests has only one, which is free here: on SQLite rows are prepared outside the transaction."""
    if not live_settings.IS_POSTGRES:
        return work()

    def run():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_two_digests_do_no_harm(project, telling, handlers, monkeypatch):
    """The second digest takes its turn between the first one's read and its commit."""
    queue_up(event("a"), event("b"), project_id=project.pk)
    prepare_rows = preparing.prepare_rows

    def overtaken(rows, handlers, **limits):
        prepared = prepare_rows(rows, handlers, **limits)
        monkeypatch.setattr(preparing, "prepare_rows", prepare_rows)
        overtakers.append(elsewhere(lambda: digest_batch(handlers)))
        return prepared

    overtakers = []
    monkeypatch.setattr(preparing, "prepare_rows", overtaken)
    first = digest_batch(handlers)
    assert first.rows + overtakers[0].rows == 2
    assert seen() == {"a": 1, "b": 1}


def test_a_batch_is_bounded(project, handlers, monkeypatch):
    monkeypatch.setattr(preparing, "ROWS_A_BATCH", 2)
    queue_up(*(event(str(number)) for number in range(5)), project_id=project.pk)
    assert [digest_batch(handlers).rows for _ in range(4)] == [2, 2, 1, 0]
    monkeypatch.setattr(preparing, "BYTES_A_BATCH", 1)
    queue_up(event("x"), event("y"), project_id=project.pk)
    assert [digest_batch(handlers).rows for _ in range(3)] == [1, 1, 0]
    assert connection.in_atomic_block is False


@pytest.mark.skipif(live_settings.IS_POSTGRES, reason="rows are locked there, not the database")
def test_what_is_long_to_store_is_cut_into_transactions(project, telling, handlers, monkeypatch):
    queue_up(*(event(str(number)) for number in range(7)), project_id=project.pk)
    monkeypatch.setattr(parts, "MOST_WEIGHT", 3)
    assert digest_batch(handlers, now=NOW) == DigestStats(rows=7, stored=7)
    assert telling.batches == [3, 3, 1]
    assert (seen().total(), backlog().pending) == (7, 0)
    assert Cursor.objects.get().digested_count == 7


@pytest.mark.skipif(live_settings.IS_POSTGRES, reason="rows are locked there, not the database")
def test_a_digest_that_is_overtaken_between_two_parts_says_what_it_stored(project, telling, handlers, monkeypatch):
    queue_up(*(event(str(number)) for number in range(4)), project_id=project.pk)
    monkeypatch.setattr(parts, "MOST_WEIGHT", 2)
    store, overtakers = telling.store, []

    def overtaken(drafts, *, now):
        store(drafts, now=now)
        monkeypatch.setattr(telling, "store", store)
        connection.on_commit(lambda: overtakers.append(elsewhere(lambda: digest_batch(handlers))))

    monkeypatch.setattr(telling, "store", overtaken)
    first = digest_batch(handlers)
    assert (first.rows, overtakers[0].rows) == (2, 2)
    assert seen() == Counter("0123")


def test_a_batch_is_bounded_by_what_its_bodies_decompress_to(project, handlers, monkeypatch):
    monkeypatch.setattr(preparing, "PLAIN_BYTES_A_BATCH", 150_000)
    large = gzip.compress(event("large", filler="x" * 100_000))
    queue_up(*[large] * 5, project_id=project.pk, encoding="gzip")
    assert [digest_batch(handlers).rows for _ in range(4)] == [2, 2, 1, 0]
    assert seen() == {"large": 5}
    assert Cursor.objects.get().digested_count == 5


# --- copies ------------------------------------------------------------------------------------------------------
class Copying:
    """Copies the names of items; one of them it cannot store."""

    def __init__(self, breaks_on=""):
        self.breaks_on = breaks_on

    def copies(self, items, arrival):
        return [(each.at, (arrival.project.id, each.draft["name"])) for each in items if each.draft is not None]

    def prepare(self, item, arrival):
        return None

    def store(self, drafts, *, now):
        add_counts([CountRow(project_id, "test", f"copied:{name}", AT) for project_id, name in drafts])
        if any(name == self.breaks_on for _, name in drafts):
            raise ValueError(SECRET)


def copied():
    rows = Bucket.objects.filter(series__startswith="copied:", resolution=60).values_list("series", "count")
    return Counter({series.removeprefix("copied:"): count for series, count in rows})


def test_copies_are_stored_beside_what_they_copy_and_not_counted(project, handlers):
    queue_up(event("a"), event("b", unwanted=True), event("c"), project_id=project.pk)
    stats = digest_all({**handlers, COPIES: Copying()})
    assert (stats.stored, stats.discarded, stats.dead) == (2, 1, 0)
    assert seen() == copied() == {"a": 1, "c": 1}


def test_what_is_buried_has_no_copy(project, handlers):
    both = make_envelope(("event", {"name": "b", "poison": True}), ("log", {"name": "c"}))
    queue_up(event("a"), both, event("d", poison=True), event("e"), project_id=project.pk)
    stats = digest_all({**handlers, COPIES: Copying()})
    assert (stats.stored, stats.dead) == (3, 2)
    assert seen() == copied() == {"a": 1, "c": 1, "e": 1}


def test_a_copy_at_fault_buries_nothing(project, handlers):
    queue_up(event("a"), event("b"), event("c"), project_id=project.pk)
    stats = digest_all({**handlers, COPIES: Copying(breaks_on="b")})
    assert (stats.stored, stats.dead) == (3, 0)
    assert not DeadLetter.objects.exists()
    assert (seen(), copied()) == ({"a": 1, "b": 1, "c": 1}, {"a": 1, "c": 1})


def test_an_item_type_of_that_name_is_one_that_nobody_wants(project, handlers):
    queue_up(make_envelope((COPIES, {"name": "a"})), project_id=project.pk)
    assert digest_all({**handlers, COPIES: Copying()}).discarded == 1
    assert not copied()


def test_an_upgrade_under_a_running_digest_buries_nothing(project, handlers):
    """Tables that are others than those that the process began with refuse what it writes: no event's fault."""
    queue_up(event("first"), project_id=project.pk)
    digest_batch(handlers, now=NOW)
    queue_up(make_envelope(("event", {"name": "later", "orphan": True})), project_id=project.pk)
    recorder = MigrationRecorder(connection)
    recorder.record_applied("inbox", "9999_of_the_next_version")
    try:
        with pytest.raises(IntegrityError):
            digest_batch(handlers, now=NOW)
    finally:
        recorder.record_unapplied("inbox", "9999_of_the_next_version")
        digest_module.own_tables.forget_tables()
    assert (backlog().pending, DeadLetter.objects.count()) == (1, 0)
    assert digest_batch(handlers, now=NOW).dead == 1, "with its own tables it is the event's fault"
