import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.test import Client

from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.services import enqueue
from tradewatch.performance.readiness import NotReady, readiness


@pytest.fixture
def _inbox(settings, tmp_path: Path) -> Iterator[None]:
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    yield
    queue_sqlite.close()


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_health_touches_no_dependency(client: Client, path: str, settings) -> None:
    answer = client.get(path)  # without the database mark, a query would raise
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": settings.VERSION})


def test_health_is_read_only(client: Client) -> None:
    assert client.head("/health").status_code == 200
    assert client.post("/health").status_code == 405


@pytest.mark.django_db
@pytest.mark.usefixtures("_inbox")
def test_ready_says_how_each_check_went(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200 and answer.json()["status"] == "ok"
    for check in answer.json()["checks"].values():
        assert check["status"] == "ok" and check["detail"] and 0 <= check["seconds"] < 5
    assert set(answer.json()["checks"]) == {"database", "inbox"}


@pytest.mark.django_db
@pytest.mark.usefixtures("_inbox")
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
