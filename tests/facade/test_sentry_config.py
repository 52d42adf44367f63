import asyncio

import pytest
import sentry_sdk

from tests.facade.conftest import GivenBackend
from tests.facade.recording import BrokenTransport, RecordingTransport
from tradewatch.facade import sentry_config as module
from tradewatch.facade.failures import failure_counts
from tradewatch.facade.sentry_config import ErrorCategory, ErrorSeverity, SentryConfig, sentry_config


def failed_order() -> BaseException:
    try:
        try:
            {}["XLON"]
        except KeyError as error:
            raise RuntimeError("venue unknown") from error
    except RuntimeError as error:
        return error


def test_the_seeds_example_arrives_whole(config: SentryConfig, transport: RecordingTransport) -> None:
    event_id = config.capture_error(
        error=failed_order(),
        level=ErrorSeverity.ERROR,
        category=ErrorCategory.BUSINESS_LOGIC,
        tags={"operation": "risky_operation"},
        extra_data={"input_data": [1, 2]},
    )
    [event] = transport.events
    assert event["event_id"] == event_id
    assert [value["type"] for value in event["exception"]["values"]] == ["KeyError", "RuntimeError"]
    assert event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "failed_order"
    assert event["tags"]["tradewatch.category"] == "business_logic"
    assert event["extra"]["input_data"] == [1, 2]
    assert (event["environment"], event["release"]) == ("staging", "api@1")


def test_a_message_is_information_unless_said(config: SentryConfig, transport: RecordingTransport) -> None:
    config.capture_message("market opens")
    config.capture_message("market halts", level=ErrorSeverity.WARNING)
    assert [(event["message"], event["level"]) for event in transport.events] == [
        ("market opens", "info"),
        ("market halts", "warning"),
    ]


def test_connecting_waits_for_first_use_and_happens_once(
    monkeypatch: pytest.MonkeyPatch, transport: RecordingTransport
) -> None:
    backend = GivenBackend(transport)
    monkeypatch.setattr(module, "backend_of_this_process", lambda: backend)
    config = SentryConfig()
    assert not config.initialized
    config.capture_message("one")
    config.capture_message("two")
    assert config.initialized
    assert backend.connections == 1


async def test_a_user_belongs_to_the_task_that_named_it(config: SentryConfig, transport: RecordingTransport) -> None:
    async def report(user: str) -> None:
        config.set_user({"id": user})
        await asyncio.sleep(0)
        config.capture_message(user)

    await asyncio.gather(report("ann"), report("bob"))
    config.capture_message("nobody")
    named = {event["message"]: event.get("user", {}).get("id") for event in transport.events}
    assert named == {"ann": "ann", "bob": "bob", "nobody": None}


def test_a_user_given_with_the_event_comes_first(config: SentryConfig, transport: RecordingTransport) -> None:
    config.set_user({"id": "ann"})
    config.capture_message("x", user={"id": "bob"})
    config.set_user(None)
    assert transport.events[0]["user"]["id"] == "bob"


def test_without_a_dsn_nothing_is_sent_and_nothing_breaks(
    outside: SentryConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("TRADEWATCH_DSN", raising=False)
    monkeypatch.setenv("SENTRY_DSN", "http://other@127.0.0.1:9/9")
    assert outside.capture_error(error=failed_order()) is None
    assert outside.capture_message("again") is None
    assert not outside.initialized
    assert caplog.text.count("TRADEWATCH_DSN is not set") == 1


def test_a_dsn_that_is_none_is_a_counted_failure(
    outside: SentryConfig, monkeypatch: pytest.MonkeyPatch, swallowing: None
) -> None:
    monkeypatch.setenv("TRADEWATCH_DSN", "not a dsn")
    assert outside.initialize() is False
    assert failure_counts() == {"initialize": 1}


def test_a_broken_transport_never_reaches_the_caller(monkeypatch: pytest.MonkeyPatch, swallowing: None) -> None:
    monkeypatch.setattr(module, "backend_of_this_process", lambda: GivenBackend(BrokenTransport()))
    config = SentryConfig()
    assert config.capture_error(error=failed_order()) is None
    assert config.capture_message("x") is None
    assert failure_counts() == {"capture_error": 1, "capture_message": 1}


def test_the_applications_own_sdk_stays_as_it_is(config: SentryConfig, transport: RecordingTransport) -> None:
    own = RecordingTransport()
    client = sentry_sdk.Client(dsn="http://own@127.0.0.1:9/9", transport=own, default_integrations=False)
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        config.capture_message("ours")
        sentry_sdk.capture_message("its own")
    assert [event["message"] for event in transport.events] == ["ours"]
    assert [event["message"] for event in own.events] == ["its own"]


def test_the_module_offers_one_ready_object() -> None:
    assert isinstance(sentry_config, SentryConfig)
