from collections.abc import Iterator

import pytest
from sentry_sdk.transport import Transport

from tests.facade.recording import RecordingTransport
from tradewatch.facade import failures, remote, sentry_config
from tradewatch.facade.client import build_client
from tradewatch.facade.options import ClientOptions
from tradewatch.facade.sentry_config import SentryConfig

DSN = "http://abc@127.0.0.1:9/1"


class GivenBackend:
    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.connections = 0

    def connect(self, project: str) -> object:
        self.connections += 1
        return build_client(ClientOptions(dsn=DSN, environment="staging", release="api@1"), transport=self.transport)


@pytest.fixture(autouse=True)
def _no_failures_before() -> None:
    failures.forget_failures()


@pytest.fixture
def transport() -> RecordingTransport:
    return RecordingTransport()


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, transport: RecordingTransport) -> Iterator[SentryConfig]:
    """A facade whose events end in `transport`."""
    monkeypatch.setattr(sentry_config, "backend_of_this_process", lambda: GivenBackend(transport))
    config = SentryConfig()
    yield config
    config.close()


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> SentryConfig:
    """A facade as the monitored application has it."""
    monkeypatch.setattr(sentry_config, "backend_of_this_process", lambda: remote)
    return SentryConfig()


@pytest.fixture
def swallowing() -> Iterator[None]:
    """As in production: failures are counted and stay inside."""
    failures.raise_failures(False)
    yield
    failures.raise_failures()
    failures.forget_failures()
