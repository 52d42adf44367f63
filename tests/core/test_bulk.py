"""The same table of behaviour on the database at hand: SQLite here, PostgreSQL when DATABASE_URL says so."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from alerts.models import Alert
from tests.projects.builders import make_project
from tradewatch.core import bulk
from tradewatch.core.models import AuditEntry, IdempotentAnswer
from tradewatch.inbox.models import KeptItem
from tradewatch.metrics.models import Counter, Histogram
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
AUDIT = "core_auditentry"
AUDIT_COLUMNS = ["at", "actor_kind", "actor_label", "action", "object_type", "object_id", "object_label", "changes"]
COUNTER = "metrics_counter"
COUNTER_KEY = ["project_id", "environment", "series", "resolution", "start"]
HISTOGRAM_KEY = COUNTER_KEY


def audit_row(label: str, **values: object) -> list[object]:
    row = dict.fromkeys(AUDIT_COLUMNS, "x") | {"at": NOW, "actor_label": label, "changes": {}} | values
    return [row[name] for name in AUDIT_COLUMNS]


def counter_key(series: str) -> tuple[object, ...]:
    return (1, "production", series, 60, 1_700_000_000)


def test_objects_are_written_as_django_writes_them():
    values = {
        "actor_kind": "user",
        "actor_id": 7,
        "actor_label": "ä",
        "action": "a",
        "object_id": "1",
        "changes": {"n": [1, None]},
    }
    berlin = timezone(timedelta(hours=1))
    AuditEntry.objects.create(**values, at=NOW)
    bulk.insert_objects([AuditEntry(**values, at=NOW.astimezone(berlin)), AuditEntry(**values, at=NOW)])
    bulk.insert_objects([])
    django, *raw = [{**row, "id": 0} for row in AuditEntry.objects.order_by("id").values()]
    assert raw == [django, django]


def test_insert_many_writes_what_the_models_read():
    changes = {"name": ["ä", None], "deep": [{"n": 1.5}]}
    berlin = timezone(timedelta(hours=1))
    bulk.insert_many(AUDIT, AUDIT_COLUMNS, [audit_row("a", changes=changes, at=NOW.astimezone(berlin)), audit_row("b")])
    first, second = AuditEntry.objects.order_by("id")
    assert (first.changes, first.at, first.actor_label) == (changes, NOW, "a")
    assert second.changes == {}
    assert AuditEntry.objects.filter(at__gte=NOW, at__lt=NOW + timedelta(microseconds=1)).count() == 2


def test_update_objects_writes_these_fields_as_the_orm_does() -> None:
    """JSON, a moment, None and a text, of two rows of three; what is not named stays."""
    project = make_project()
    common = {"project": project, "severity": "error", "category": "system", "source": "s", "title": "t"}
    for key in ("a", "b", "c"):
        Alert.objects.create(**common, dedup_key=key, starts_at=NOW, last_at=NOW)
    rows = list(Alert.objects.exclude(dedup_key="c").order_by("dedup_key"))
    for row in rows:
        row.tags, row.expires_at, row.title = {"ä": row.dedup_key}, NOW if row.dedup_key == "a" else None, "new"
        row.source = "not written"
    bulk.update_objects(rows, ["tags", "expires_at", "title"])
    bulk.update_objects([], ["title"])
    assert list(Alert.objects.order_by("dedup_key").values_list("tags", "expires_at", "title", "source")) == [
        ({"ä": "a"}, NOW, "new", "s"),
        ({"ä": "b"}, None, "new", "s"),
        ({}, None, "t", "s"),
    ]


@pytest.mark.parametrize("at", [NOW, NOW.replace(microsecond=0)])
def test_a_moment_is_stored_as_the_orm_stores_it(at):
    ours, theirs = audit_row("ours", at=at), AuditEntry(actor_label="theirs", at=at)
    bulk.insert_many(AUDIT, AUDIT_COLUMNS, [ours])
    theirs.save()
    assert AuditEntry.objects.filter(at=at).count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT CAST(at AS TEXT) FROM core_auditentry")
        assert len(cursor.fetchall()) == 1


def test_insert_many_refuses_what_exists():
    row = ["me", "/path", "key", "hash", NOW]
    columns = ["caller", "path", "key", "body_hash", "created_at"]
    bulk.insert_many("core_idempotentanswer", columns, [row])
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_many("core_idempotentanswer", columns, [row])


def test_nothing_to_write_touches_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert_many(AUDIT, AUDIT_COLUMNS, [])
        bulk.add_up(COUNTER, COUNTER_KEY, ["count"], [])
        assert bulk.insert_new(AUDIT, AUDIT_COLUMNS, ["at"], []) == set()


class TestInsertNew:
    columns = ["project_id", "number", "title", "severity", "event_count", "first_seen_at", "last_seen_at"]

    @pytest.fixture
    def project(self):
        return Project.objects.create(name="Desk", slug="desk")

    def row(self, project, event_id: UUID, payload: bytes = b"\x00\xff'\\") -> list[object]:
        return [project.pk, "log", event_id, "", "", "", event_id, NOW, {"a": [1]}, payload]

    def test_only_new_keys_come_back_and_only_they_are_stored(self):
        key = ["caller", "path", "key"]
        columns = [*key, "body_hash", "created_at"]
        table = "core_idempotentanswer"
        rows = [["c", "/p", str(number), "h", NOW] for number in range(5)]
        assert bulk.insert_new(table, columns, key, rows[:2]) == {("c", "/p", "0"), ("c", "/p", "1")}
        assert bulk.insert_new(table, columns, key, rows) == {("c", "/p", str(number)) for number in (2, 3, 4)}
        assert bulk.insert_new(table, columns, key, rows) == set()

    @pytest.mark.parametrize("has_rows", [False, True])  # an empty table has no id that later ones are above
    def test_new_ones_among_known_and_repeated_ones(self, has_rows):
        """Ids are those of the rows that this call wrote, in a table that others wrote and deleted from before."""
        key = ["caller", "path", "key"]
        columns = [*key, "body_hash", "created_at"]
        if has_rows:
            rows = [["c", "/p", f"old{number}", "h", NOW] for number in range(4)]
            bulk.insert_new("core_idempotentanswer", columns, key, rows)
            IdempotentAnswer.objects.filter(key__in=["old0", "old3"]).delete()
        wanted = ["old0", "old1", "new", "new", "old2", "last"]
        rows = [["c", "/p", name, f"h{number}", NOW] for number, name in enumerate(wanted)]
        ids = bulk.insert_new_ids("core_idempotentanswer", columns, key, rows)
        fresh = {"old0", "new", "last"} if has_rows else {"old0", "old1", "new", "old2", "last"}
        assert {name for _, _, name in ids} == fresh
        assert ids == {("c", "/p", row.key): row.pk for row in IdempotentAnswer.objects.filter(key__in=fresh)}
        assert IdempotentAnswer.objects.get(key="new").body_hash == "h2"
        assert bulk.insert_new_ids("core_idempotentanswer", columns, key, rows) == {}

    def test_keys_come_back_as_they_were_given(self, project):
        """UUIDs, which SQLite stores as texts."""
        columns = ["project_id", "item_type", "event_id", "trace_id", "environment", "release", "identity"]
        columns += ["received_at", "meta", "payload"]
        for _ in range(2):  # row by row into the empty table, together into the other
            first, second = uuid4(), uuid4()
            rows = [self.row(project, first), self.row(project, second)]
            ids = bulk.insert_new_ids("inbox_keptitem", columns, ["identity"], rows)
            assert set(ids) == {(first,), (second,)}
            assert ids == {(row.identity,): row.pk for row in KeptItem.objects.filter(identity__in=[first, second])}

    def test_of_rows_with_one_key_the_first_wins(self):
        columns = ["project_id", "environment", "series", "resolution", "start", "count", "weighted"]
        rows = [[*counter_key("a"), 1, 1.0], [*counter_key("a"), 2, 2.0]]
        assert bulk.insert_new(COUNTER, columns, COUNTER_KEY, rows) == {counter_key("a")}
        assert Counter.objects.get().count in (1, 2)

    def test_ids_belong_to_the_keys(self):
        columns = ["name", "slug", "scrub_fields", "keeps_ip_addresses"]
        rows = [[f"P {number}", f"p-{number}", ["pin"], True] for number in range(3)]
        ids = bulk.insert_new_ids("projects_project", columns, ["slug"], rows)
        assert ids == {(project.slug,): project.pk for project in Project.objects.all()}
        assert Project.objects.get(slug="p-1").scrub_fields == ["pin"]
        assert Project.objects.get(slug="p-1").keeps_ip_addresses is True

    def test_uuids_and_bytes_survive(self, project):
        columns = ["project_id", "item_type", "event_id", "trace_id", "environment", "release", "identity"]
        columns += ["received_at", "meta", "payload"]
        event_id = uuid4()
        bulk.insert_many("inbox_keptitem", columns, [self.row(project, event_id)])
        item = KeptItem.objects.get(event_id=event_id)
        assert (bytes(item.payload), item.meta, item.event_id) == (b"\x00\xff'\\", {"a": [1]}, event_id)

    def test_a_naive_moment_is_refused_on_sqlite(self):
        if connection.vendor == "sqlite":
            with pytest.raises(ValueError, match="naive"):
                bulk.insert_many(AUDIT, AUDIT_COLUMNS, [audit_row("a", at=NOW.replace(tzinfo=None))])


class TestAddUp:
    def test_inserts_then_adds(self):
        rows = [(*counter_key("a"), 2, 2.5), (*counter_key("b"), 1, 1.0)]
        bulk.add_up(COUNTER, COUNTER_KEY, ["count", "weighted"], rows)
        bulk.add_up(COUNTER, COUNTER_KEY, ["count", "weighted"], rows[:1])
        assert dict(Counter.objects.values_list("series", "count")) == {"a": 4, "b": 1}
        assert Counter.objects.get(series="a").weighted == 5.0

    def test_repeated_keys_are_folded(self):
        bulk.add_up(COUNTER, COUNTER_KEY, ["count", "weighted"], [(*counter_key("a"), 1, 0.5)] * 7)
        assert Counter.objects.values_list("count", "weighted").get() == (7, 3.5)

    def test_more_rows_than_one_statement_takes(self):
        rows = [(*counter_key(f"s{number}"), 1, 1.0) for number in range(1700)]
        bulk.add_up(COUNTER, COUNTER_KEY, ["count", "weighted"], rows)
        bulk.add_up(COUNTER, COUNTER_KEY, ["count", "weighted"], list(reversed(rows)))
        assert Counter.objects.filter(count=2, weighted=2.0).count() == 1700

    def test_extremes_and_defaults(self):
        # A table borrowed for its column types: nothing counts answers in earnest.
        later, earlier = NOW + timedelta(days=1), NOW - timedelta(days=1)
        defaults = {"body_hash": "h"}

        def add(moment):
            row = ("c", "/p", "k", 1, moment)
            bulk.add_up(
                "core_idempotentanswer",
                ["caller", "path", "key"],
                ["status"],
                [row],
                latest=["created_at"],
                defaults=defaults,
            )
            with connection.cursor() as cursor:
                cursor.execute("SELECT status, body_hash FROM core_idempotentanswer")
                return cursor.fetchone()

        assert add(NOW) == (1, "h")
        assert add(later) == (2, "h")
        assert add(earlier) == (3, "h")
        assert IdempotentAnswer.objects.get().created_at == later

    def test_existing_rows_are_added_to_by_id_and_unknown_ids_are_ignored(self):
        counter = Counter.objects.create(project_id=1, environment="e", series="s", resolution=60, start=100, count=5)
        rows = [(counter.pk, 3, 200, 0.25), (counter.pk, 1, 150, 0.5), (counter.pk + 1, 9, 1, 1.0)]
        Counter.objects.update(weighted=0.75)
        bulk.add_existing(COUNTER, ["id"], ["count"], rows, latest=["start"], earliest=["weighted"])
        counter.refresh_from_db()
        assert (counter.count, counter.start, counter.weighted) == (9, 200, 0.25)


def test_read_merge_write_of_known_and_unknown_keys():
    Histogram.objects.create(
        project_id=1, environment="production", series="a", resolution=60, start=1_700_000_000, count=3, bins=b"abc"
    )
    keys = [counter_key(name) for name in ("b", "a")]
    blank = (0, 0.0, b"")
    found = bulk.read_locked("metrics_histogram", HISTOGRAM_KEY, ["count", "total", "bins"], keys, blank=blank)
    assert {key[2]: (row[0], bytes(row[2])) for key, row in found.items()} == {"a": (3, b"abc"), "b": (0, b"")}
    merged = [(*key, row[0] + 1, 1.5, bytes(row[2]) + b"!") for key, row in found.items()]
    bulk.write_locked("metrics_histogram", HISTOGRAM_KEY, ["count", "total", "bins"], merged)
    stored = {item.series: (item.count, item.total, bytes(item.bins)) for item in Histogram.objects.all()}
    assert stored == {"a": (4, 1.5, b"abc!"), "b": (1, 1.5, b"!")}


def test_read_locked_takes_more_keys_than_one_query():
    keys = [counter_key(f"s{number}") for number in range(900)]
    blank = (0, 0.0, b"")
    assert (
        len(bulk.read_locked("metrics_histogram", HISTOGRAM_KEY, ["count", "total", "bins"], keys, blank=blank)) == 900
    )


def failure(sql: str) -> Exception:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except Exception as error:
        return error
    raise AssertionError("no failure")


def test_a_faulty_statement_is_not_an_outage():
    assert not bulk.is_outage(failure("SELECT nothing FROM nowhere"))
    assert not bulk.is_outage(failure("INSERT INTO core_idempotentanswer (caller) VALUES (NULL)"))
    assert not bulk.is_outage(DataError("too long"))


class CauseError(Exception):
    def __init__(self, *, sqlite_errorcode: int | None = None, sqlstate: str | None = None) -> None:
        self.sqlite_errorcode, self.sqlstate = sqlite_errorcode, sqlstate


@pytest.mark.parametrize(
    ("module", "cause", "expected"),
    [
        ("sqlite", CauseError(sqlite_errorcode=5), True),  # locked
        ("sqlite", CauseError(sqlite_errorcode=5 | 2 << 8), True),  # extended code of it
        ("sqlite", CauseError(sqlite_errorcode=13), True),  # disk full
        ("sqlite", CauseError(sqlite_errorcode=1), False),
        ("sqlite", CauseError(sqlite_errorcode=18), False),  # value too big
        ("postgres", CauseError(sqlstate="40P01"), True),  # deadlock
        ("postgres", CauseError(sqlstate="53100"), True),  # disk full
        ("postgres", CauseError(sqlstate="57P01"), True),  # shut down
        ("postgres", CauseError(), True),  # connection lost: no answer, no state
        ("postgres", CauseError(sqlstate="54000"), False),  # value too long for an index
        ("postgres", CauseError(sqlstate="22021"), False),
    ],
)
def test_outages_are_told_from_faults(module, cause, expected):
    error = OperationalError("x")
    error.__cause__ = cause
    assert getattr(bulk, module).is_outage(error) is expected


def test_an_unfinished_transaction_is_not_committed_by_giving_space_back():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        bulk.insert_many(AUDIT, AUDIT_COLUMNS, [audit_row("a")])
        bulk.give_back_space(pages=10)
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


def test_free_pages_are_handed_back_to_the_file_system(tmp_path):
    database = sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None)
    database.executescript("PRAGMA auto_vacuum=INCREMENTAL; CREATE TABLE t (b)")
    database.executemany("INSERT INTO t VALUES (?)", [(b"x" * 5000,)] * 100)
    database.execute("DELETE FROM t")
    before = database.execute("PRAGMA freelist_count").fetchone()[0]
    bulk.sqlite.vacuum(database, 50)
    assert database.execute("PRAGMA freelist_count").fetchone()[0] == before - 50
    database.close()


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_of_the_database_at_hand_is_complete():
    assert bulk.checkpoint()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [((0, 10, 10), True), ((0, -1, -1), True), ((0, 10, 4), False), ((1, 10, 10), False), ((1, -1, -1), False)],
)
def test_a_checkpoint_that_left_frames_behind_is_not_complete(answer, expected):
    assert bulk.sqlite._is_complete(*answer) is expected
