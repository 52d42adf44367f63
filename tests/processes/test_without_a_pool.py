"""A prefork worker of Celery has no pool of connections: Celery would close it under threads that go on."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery.concurrency import get_implementation
from django.conf import settings

from tradewatch.celery import connect_without_a_pool

POOL = {"min_size": 1, "max_size": 8}


@pytest.mark.parametrize(
    ("pool_cls", "is_postgres", "keeps_pool"),
    [
        ("prefork", True, False),
        (get_implementation("prefork"), True, False),
        (get_implementation("solo"), True, True),
        (get_implementation("threads"), True, True),
        ("prefork", False, True),
    ],
)
def test_which_workers_do_without(
    monkeypatch: pytest.MonkeyPatch, pool_cls: Any, is_postgres: bool, keeps_pool: bool
) -> None:
    database: dict[str, Any] = {"OPTIONS": {"pool": POOL}, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    monkeypatch.setattr(settings, "IS_POSTGRES", is_postgres)
    monkeypatch.setattr(settings, "DATABASES", {"default": database})
    connect_without_a_pool(SimpleNamespace(pool_cls=pool_cls))
    assert ("pool" in database["OPTIONS"], database["CONN_MAX_AGE"] == 0) == (keeps_pool, keeps_pool)
