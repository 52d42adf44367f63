"""What is stored, asked of the database itself: past the disturbances, and not through TradeWatch's own queries."""

import contextlib
import hashlib
import sqlite3
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg


class Store:
    """The main database of a running server: a PostgreSQL URL, or a folder with SQLite files."""

    def __init__(self, place: str | Path) -> None:
        self._place = place

    @property
    def is_sqlite(self) -> bool:
        return isinstance(self._place, Path)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if isinstance(self._place, Path):
            with contextlib.closing(_opened(self._place / "tradewatch.sqlite3")) as connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(self._place, autocommit=True) as session:
            return session.execute(query).fetchall()  # type: ignore[arg-type]

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0] or 0)

    def change(self, statement: str, sqlite: str) -> None:
        """Run the statement, on SQLite the other one."""
        if isinstance(self._place, Path):
            with contextlib.closing(_opened(self._place / "tradewatch.sqlite3", mode="rw")) as connection:
                connection.execute(sqlite)
                connection.commit()
            return
        with psycopg.connect(self._place, autocommit=True) as session:
            session.execute(statement)  # type: ignore[arg-type]

    def clock_is_ahead(self) -> bool:
        """Return whether the last sign of life of the clock lies in the future."""
        ((at,),) = self.rows("SELECT at FROM core_pulse WHERE name = 'clock'")
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
        return moment > datetime.now(UTC) + timedelta(minutes=30)

    def waiting(self) -> int:
        """Return how many accepted envelopes are not digested."""
        if not isinstance(self._place, Path):
            return self.number("SELECT count(*) FROM inbox_queue")
        position = self.number("SELECT position FROM inbox_cursor WHERE name = 'digest'")
        with contextlib.closing(_opened(self._place / "inbox.sqlite3")) as connection:
            return int(connection.execute("SELECT count(*) FROM inbox WHERE id > ?", (position,)).fetchone()[0])

    def empty_logs(self) -> None:
        """Write SQLite's logs back into their files."""
        if isinstance(self._place, Path):
            for name in ("tradewatch.sqlite3", "inbox.sqlite3"):
                with contextlib.closing(_opened(self._place / name, mode="rw")) as connection:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def damage(self) -> list[str]:
        """Return what SQLite finds wrong with its files; PostgreSQL has checksums of its own."""
        if not isinstance(self._place, Path):
            return []
        found = []
        for name in ("tradewatch.sqlite3", "inbox.sqlite3"):
            with contextlib.closing(_opened(self._place / name)) as connection:
                said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            found += [f"{name}: {line}" for line in said if line != "ok"]
        return found


def _opened(path: Path, *, mode: str = "ro") -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=30)


@dataclass(frozen=True)
class Delivery:
    """A row of the outbox: the alert's title, what it tells, and the Message-ID its mail must have."""

    title: str
    event: str
    state: str
    attempts: int
    may_be_repeat: bool
    mail: str


@dataclass(frozen=True)
class Facts:
    """Counts of one moment; `errors` are event ids in hex, `alerts` {title: how many alerts have it}."""

    errors: Sequence[str]
    error_counts: dict[str, int]
    transaction_counts: dict[str, int]
    log_counts: dict[str, int]
    alerts: dict[str, int]
    ended: frozenset[str]
    deliveries: Sequence[Delivery]
    waiting: int
    dead: int
    spooled: int
    let_go: dict[str, Any]
    damage: Sequence[str]
    unready: Sequence[str]


_ALERTS = "SELECT title, count(*), min(state) FROM alerts_alert WHERE title LIKE '%Telling%' GROUP BY title"
_BUCKETS = (
    "SELECT sum(b.count) FROM performance_transactionbucket b JOIN performance_transactiongroup g ON g.id = b.group_id "
    "WHERE b.resolution = 3600 AND "
)
_DELIVERIES = """
SELECT a.title, n.event, n.state, n.attempts, n.may_be_repeat, n.id, n.target FROM alerts_notification n
JOIN alerts_groupmember m ON m.group_id = n.group_id JOIN alerts_alert a ON a.id = m.alert_id
ORDER BY n.id
"""


def facts_of(store: Store, urls: Sequence[str]) -> Facts:
    """Return what is there. `urls`: web processes that are asked if they are ready; without, files are not read."""
    alerts = store.rows(_ALERTS)
    return Facts(
        errors=[str(row[0]).replace("-", "") for row in store.rows("SELECT event_id FROM errors_event")],
        error_counts={
            "payloads": store.number("SELECT count(*) FROM errors_eventpayload"),
            "issues": store.number("SELECT sum(event_count) FROM errors_issue"),
            **_series(store, "events"),
        },
        transaction_counts={
            "identities": store.number("SELECT count(*) FROM performance_seentransaction"),
            "buckets by name": store.number(_BUCKETS + "g.name <> ''"),
            "buckets of all names": store.number(_BUCKETS + "g.name = ''"),
            **_series(store, "transactions"),
        },
        log_counts={
            "receipts": store.number("SELECT count(*) FROM performance_logreceipt"),
            "blocks": store.number("SELECT sum(line_count) FROM performance_logblock"),
            **_series(store, "logs"),
        },
        alerts={title: count for title, count, _ in alerts},
        ended=frozenset(title for title, _, state in alerts if state == "resolved"),
        deliveries=[_delivery(*row) for row in store.rows(_DELIVERIES)],
        waiting=store.waiting(),
        dead=store.number("SELECT count(*) FROM inbox_deadletter"),
        spooled=store.number("SELECT count(*) FROM ingest_relayentry"),
        let_go={
            f"{name} by the relay": value
            for name in ("refused", "dropped")
            for (value,) in store.rows(f"SELECT {name} FROM ingest_relayupstream")
            if value not in ("{}", {})
        },
        damage=store.damage() if urls else [],
        unready=[words for url in urls if (words := _unready(url))],
    )


def _series(store: Store, name: str) -> dict[str, int]:
    query = "SELECT sum(count) FROM metrics_counter WHERE series = '{}' AND resolution = {}"
    return {f"{word}s": store.number(query.format(name, size)) for word, size in (("minute", 60), ("hour", 3600))}


def _delivery(title: str, event: str, state: str, attempts: int, may_be_repeat: bool, pk: int, target: str) -> Delivery:
    name = hashlib.sha256(f"notification-{pk}\0{target}".encode()).hexdigest()[:32]  # as `alerts.mails` makes it
    return Delivery(title, event, state, attempts, bool(may_be_repeat), f"notification-{name}")


def _unready(url: str) -> str:
    """Return what is wrong with a web process in its own words, nothing when it is ready."""
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=20) as answer:
            return "" if answer.status == 200 else str(answer.status)
    except urllib.error.HTTPError as error:
        return f"{url} is not ready: {error.read()[:600]!r}"
    except OSError as error:
        return f"{url} does not answer: {error}"
