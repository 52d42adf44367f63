"""Fixtures that every part may use."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.servers import Server, running_server
from tradewatch.projects.config import forget_configs


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    """Each test starts without cached project settings and rate counts."""
    forget_configs()
    cache.clear()
    yield


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Server]:
    """A server for tests that only add to it: they look for what they sent, not for totals."""
    with running_server() as server:
        yield server


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own, empty."""
    with running_server() as started:
        yield started
