"""The client that `pip install .` gives, against a server."""

import pytest

from tests.clients.stored import new_release, stored_events
from tests.servers import Server
from tradewatch.facade import remote
from tradewatch.facade import sentry_config as module
from tradewatch.facade.sentry_config import ErrorCategory, ErrorSeverity, SentryConfig

pytestmark = pytest.mark.clients


@pytest.fixture
def release() -> str:
    return new_release("facade")


@pytest.fixture
def config(shared_server: Server, release: str, monkeypatch: pytest.MonkeyPatch) -> SentryConfig:
    """The facade as a monitored application has it: without Django's settings."""
    monkeypatch.setattr(module, "backend_of_this_process", lambda: remote)
    monkeypatch.setenv("TRADEWATCH_DSN", shared_server.dsn)
    monkeypatch.setenv("SENTRY_RELEASE", release)
    monkeypatch.setenv("SENTRY_ENVIRONMENT", "staging")
    return SentryConfig()


def test_an_error_keeps_the_category_and_severity_it_was_given(
    config: SentryConfig, shared_server: Server, release: str
) -> None:
    try:
        raise ValueError("margin below zero")
    except ValueError as error:
        event_id = config.capture_error(
            error=error,
            level=ErrorSeverity.CRITICAL,
            category=ErrorCategory.RISK,
            tags={"desk": "fx"},
            extra_data={"order": {"symbol": "ACME", "quantity": 5}},
        )
    config.close()
    [event] = stored_events(shared_server, release=release)
    assert event.event_id == event_id
    assert (event.severity, event.category, event.environment) == ("critical", "risk", "staging")
    assert event.thrown == [("ValueError", "margin below zero")]
    assert event.payload["tags"]["desk"] == "fx"
    assert event.payload["extra"]["order"] == {"symbol": "ACME", "quantity": 5}


def test_a_message_arrives(config: SentryConfig, shared_server: Server, release: str) -> None:
    config.capture_message("market halts", level=ErrorSeverity.WARNING, user={"id": "u7"})
    config.close()
    [event] = stored_events(shared_server, release=release)
    assert (event.message, event.severity) == ("market halts", "warning")
    assert event.payload["user"]["id"] == "u7"
