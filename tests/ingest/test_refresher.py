import threading
import time

import pytest
from django.db import OperationalError

from tradewatch.ingest import refresher as module
from tradewatch.ingest.gate import DiskGate
from tradewatch.ingest.quotas import Quotas
from tradewatch.ingest.refresher import Refresher


@pytest.fixture
def refresher(monkeypatch, settings, tmp_path):
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    settings.REDIS_URL = ""
    monkeypatch.setattr(module, "PERIOD_SECONDS", 0.01)
    monkeypatch.setattr(module, "digest_position", lambda: 0)
    refresher = Refresher(Quotas(), DiskGate())
    yield refresher
    refresher.stop()


def test_it_survives_a_database_that_is_away_and_gets_ready_when_it_is_back(refresher, monkeypatch, caplog):
    calls = []
    enough = threading.Event()

    def read() -> None:
        calls.append(time.monotonic())
        if len(calls) < 3:
            raise OperationalError("the server closed the connection; password=hunter2")
        enough.set()

    monkeypatch.setattr(module, "project_configs", read)
    refresher.start()
    assert not refresher.is_ready.is_set()
    assert enough.wait(5)
    assert refresher.is_ready.wait(5)
    assert "OperationalError" in caplog.text
    assert "hunter2" not in caplog.text


def test_new_rows_are_numbered_after_the_cursor(refresher, monkeypatch, settings):
    numbered = []
    settings.IS_POSTGRES = False
    monkeypatch.setattr(module, "project_configs", lambda: None)
    monkeypatch.setattr(module, "digest_position", lambda: 70)
    monkeypatch.setattr(module.queue_sqlite, "never_reuse_ids_up_to", numbered.append)
    refresher.start()
    assert refresher.is_ready.wait(5)
    time.sleep(0.05)
    assert numbered == [70]
