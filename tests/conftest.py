"""Fixtures that every part may use."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection

from sla.minutes.loading import forget as forget_minutes
from tests import migrated
from tests.servers import Server, migrated_template, running_server
from tradewatch.errors.spent import forget_spent
from tradewatch.inbox import queue_postgres, queue_sqlite
from tradewatch.inbox.own_tables import forget_tables
from tradewatch.performance.traces.documents import forget_cutoffs
from tradewatch.performance.traces.groups import forget_groups
from tradewatch.projects.config import forget_configs

TESTS = Path(__file__).parent
STORES = frozenset({"db", "transactional_db", "django_db_setup", "inbox", "server", "shared_server"})

# A machine that others keep busy is slow, not wrong. CI tries the same examples each time: a change is judged by
# itself, and new examples are looked for wherever people run the tests.
hypothesis.settings.register_profile(
    "tests",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis.settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stored", action="store_true", help="leave out what does the same whatever stores the data")
    parser.addoption("--pure", action="store_true", help="leave out what needs a database, Redis or the queue")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--stored"):
        _leave_out(config, items, [item for item in items if item.get_closest_marker("once") or _is_pure(item)])
    if config.getoption("--pure"):
        _leave_out(config, items, [item for item in items if not _is_pure(item)])


def _leave_out(config: pytest.Config, items: list[pytest.Item], others: list[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=others)
    left_out = set(others)
    items[:] = [item for item in items if item not in left_out]


def _is_pure(item: pytest.Item) -> bool:
    """Return whether a test starts nothing and touches no database nor, as those of these folders may, Redis."""
    if any(item.get_closest_marker(name) for name in ("server", "clients", "browser", "django_db")):
        return False
    if Path(item.path).relative_to(TESTS).parts[0] in ("processes", "walks", "ingest", "inbox", "core"):
        return False
    return not STORES.intersection(getattr(item, "fixturenames", ()))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name binary parameters after their argument: gzip writes the second into its header, and all processes of a
    parallel run must collect the same names."""
    return argname if isinstance(val, bytes) and not val.isascii() else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The test database begins as a copy of one that was migrated before."""
    migrated.start_from_kept()
    if url := os.environ.get("DATABASE_URL"):
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template(url)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        migrated.keep()


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    """Each test starts without cached project settings, ids and rate counts."""
    forget_configs()
    forget_groups()
    forget_cutoffs()
    forget_minutes()
    forget_tables()
    forget_spent()
    cache.clear()
    yield


@pytest.fixture
def inbox(settings, tmp_path: Path) -> Iterator[Path]:
    """An empty inbox. On PostgreSQL ask for `transactional_db` too: the writer has a connection of its own."""
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    yield settings.INBOX_PATH
    queue_sqlite.close()
    queue_postgres.close()


@pytest.fixture(scope="session", autouse=True)
def _no_lower_priority() -> Iterator[None]:
    """A command that lowers its own priority, called in this process, would slow all tests after it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "nice", lambda increment: 0)
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium: one browser for all that drive it, as Playwright allows one loop a process."""
    return {
        "executable_path": shutil.which("chromium"),
        "args": ["--no-sandbox", "--disable-background-networking"],  # Debian's as root starts only so
    }


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
