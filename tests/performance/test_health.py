import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from tradewatch.core import pulse
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.services import enqueue
from tradewatch.performance import readiness as module
from tradewatch.performance.disk.marks import Marks
from tradewatch.performance.disk.room import Room
from tradewatch.performance.readiness import DEFAULT_CHECKS, NotReady, readiness
from tradewatch.processes.readiness import WORKER, check_broker, check_workers

NAMES = {"database", "cache", "broker", "workers", "beat", "disk", "inbox", "upstream"}


@pytest.fixture
def _inbox(settings, tmp_path: Path) -> Iterator[None]:
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    yield
    queue_sqlite.close()


@pytest.fixture
def _ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that has just run, and a worker that has just been there: the broker of tests asks no other."""
    for name in (pulse.CLOCK, WORKER):
        pulse.beat(timezone.now(), name=name)
    grown(monkeypatch, answers=[{"celery@w0": {"ok": "pong"}}])


def grown(monkeypatch: pytest.MonkeyPatch, *, answers: list[object]) -> None:
    """Let whoever asks the workers of a grown install hear `answers`."""
    from tradewatch.celery import app

    monkeypatch.setattr(app, "control", SimpleNamespace(broadcast=lambda *_, **__: answers))


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_health_touches_no_dependency(client: Client, path: str, settings) -> None:
    answer = client.get(path)  # without the database mark, a query would raise
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": settings.VERSION})


def test_health_is_read_only(client: Client) -> None:
    assert client.head("/health").status_code == 200
    assert client.post("/health").status_code == 405


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_inbox", "_ticking")
def test_ready_says_how_each_check_went(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200 and answer.json()["status"] == "ok"
    for check in answer.json()["checks"].values():
        assert check["status"] == "ok" and check["detail"] and 0 <= check["seconds"] < 5
    assert set(answer.json()["checks"]) == NAMES


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_inbox", "_ticking")
@pytest.mark.parametrize(("age", "status"), [(240, 200), (301, 503)])
def test_what_waits_for_too_long_makes_it_not_ready(client: Client, age: int, status: int) -> None:
    enqueue(1, b"{}\n", received_at=time.time() - age)
    answer = client.get("/health/ready")
    assert answer.status_code == status
    assert answer.json()["checks"]["inbox"]["status"] == ("ok" if status == 200 else "failing")


def test_a_failing_check_fails_alone_and_tells_no_secret() -> None:
    def broken() -> str:
        raise DatabaseError("connection to postgres://user:secret@db failed")

    def late() -> str:
        raise NotReady("waits")

    found = readiness({"fine": lambda: "answers", "broken": broken, "late": late})
    assert [check["status"] for check in found.values()] == ["ok", "failing", "failing"]
    assert found["late"]["detail"] == "waits"
    assert "secret" not in found["broken"]["detail"]


def test_a_database_that_is_away_is_a_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise DatabaseError("away")

    monkeypatch.setattr("tradewatch.performance.api.DEFAULT_CHECKS", {"database": away, "inbox": lambda: "fine"})
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert [check["status"] for check in answer.json()["checks"].values()] == ["failing", "ok"]


# --- within time -----------------------------------------------------------------------------------------------------
def test_what_hangs_is_left_and_the_others_are_told_in_time() -> None:
    over = threading.Event()

    def hangs() -> str:
        over.wait(20)
        return "at last"

    started = time.monotonic()
    found = readiness({"stuck": hangs, "stuck too": lambda: hangs(), "fine": lambda: "answers"}, limit_seconds=0.3)
    assert time.monotonic() - started < 1.5
    assert (found["fine"]["status"], found["fine"]["detail"]) == ("ok", "answers")
    assert found["stuck"]["detail"] == found["stuck too"]["detail"] == "no answer within 0.3 s"
    assert found["stuck"]["seconds"] >= 0.3
    over.set()


def test_what_hangs_is_asked_once_however_many_ask() -> None:
    over, asked = threading.Event(), []

    def hangs() -> str:
        asked.append(1)
        over.wait(20)
        return "at last"

    for _ in range(5):
        assert readiness({"stuck": hangs}, limit_seconds=0.05)["stuck"]["status"] == "failing"
    assert len(asked) == 1
    over.set()
    deadline = time.monotonic() + 5
    while readiness({"stuck": hangs}, limit_seconds=0.5)["stuck"]["status"] != "ok":
        assert time.monotonic() < deadline
    assert len(asked) <= 2


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_redis_that_takes_the_connection_and_hangs_ends_in_time(settings) -> None:
    with silent_port() as port:
        settings.REDIS_URL = f"redis://:hunter2@127.0.0.1:{port}/0"
        found = readiness({"broker": check_broker, "fine": lambda: "answers"}, limit_seconds=2.5)
    assert found["broker"]["status"] == "failing" and found["broker"]["seconds"] < 3.5
    assert "hunter2" not in str(found)
    assert found["fine"]["seconds"] < 0.5


# --- each check ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "is_young", "ok"), [(5, False, True), (61, False, False), (600, True, True)])
def test_the_clock_must_have_run_lately(monkeypatch, seconds: int, is_young: bool, ok: bool) -> None:
    monkeypatch.setattr(module, "is_starting", lambda: is_young)
    pulse.beat(timezone.now() - timedelta(seconds=seconds))
    with contextlib.nullcontext() if ok else pytest.raises(NotReady, match="are beat and a worker running"):
        module.check_beat()


@pytest.mark.django_db
def test_what_was_last_seen_in_the_future_is_no_sign_of_life(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's clock was ahead and was set back: since then nothing has been seen."""
    settings.REDIS_URL = ""
    for name in (module.__name__, "tradewatch.processes.readiness"):
        monkeypatch.setattr(f"{name}.is_starting", lambda: False)
    for name in (pulse.CLOCK, WORKER):
        pulse.beat(timezone.now() + timedelta(hours=1), name=name)
    with pytest.raises(NotReady, match="3600 s in the future"):
        module.check_beat()
    with pytest.raises(NotReady, match="3600 s in the future"):
        check_workers()


@pytest.mark.django_db
def test_a_clock_that_never_ran_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_starting", lambda: False)
    with pytest.raises(NotReady, match="never run"):
        module.check_beat()


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "ok"), [(5, True), (61, False), (None, False)])
def test_embedded_the_worker_shows_that_it_lives(settings, monkeypatch, seconds: int | None, ok: bool) -> None:
    settings.REDIS_URL = ""
    monkeypatch.setattr("tradewatch.processes.readiness.is_starting", lambda: False)
    if seconds is not None:
        pulse.beat(timezone.now() - timedelta(seconds=seconds), name=WORKER)
    with contextlib.nullcontext() if ok else pytest.raises(NotReady, match="worker was"):
        assert "the worker was there 5 s ago" in check_workers()
    assert check_broker() == "in the worker's own memory"


def test_grown_a_worker_is_asked(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://broker/0"
    grown(monkeypatch, answers=[{"celery@w0": {"ok": "pong"}}])
    assert check_workers() == "a worker answers"
    grown(monkeypatch, answers=[])
    with pytest.raises(NotReady, match="no worker answered"):
        check_workers()


def test_a_disk_at_its_critical_mark_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "disk_room", lambda: Room(marks, free_mb << 20))
    marks, free_mb = Marks(1 << 40, low=600 << 20, high=400 << 20, resume=200 << 20, critical=100 << 20), 300
    assert module.check_disk() == "300 MB free, below the high mark of 400 MB: old data is cleared"
    free_mb = 99
    with pytest.raises(NotReady, match="99 MB free where the data is, below the critical mark of 100 MB: events are"):
        module.check_disk()


def test_a_cache_that_forgets_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.check_cache() == "keeps what is put in"
    monkeypatch.setattr(module.cache, "get", lambda key: None)
    with pytest.raises(NotReady, match="did not come back"):
        module.check_cache()


@pytest.mark.parametrize(("dsn", "detail"), [("", "off"), ("https://k@sentry.example/1", "idle")])
@pytest.mark.django_db
def test_the_upstream_is_told_and_never_in_the_way(settings, dsn: str, detail: str) -> None:
    settings.SENTRY_DSN = dsn
    assert module.run_check("upstream", DEFAULT_CHECKS["upstream"]) == {
        "status": "ok",
        "seconds": pytest.approx(0, abs=1),
        "detail": detail,
    }
