import socket

import pytest

from tests.facade.conftest import DSN
from tests.facade.recording import RecordingTransport
from tradewatch.facade.client import build_client
from tradewatch.facade.failures import failure_counts
from tradewatch.facade.options import ClientOptions


def test_the_client_goes_by_its_options_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", "http://other@127.0.0.1:9/9")
    monkeypatch.setenv("SENTRY_ENVIRONMENT", "elsewhere")
    options = ClientOptions(
        dsn=DSN, environment="paper", release="api@3", traces_sample_rate=0.5, profiles_sample_rate=0.0
    )
    client = build_client(options, transport=RecordingTransport())
    assert client.dsn == DSN
    assert client.options["environment"] == "paper"
    assert client.options["release"] == "api@3"
    assert client.options["traces_sample_rate"] == 0.5
    assert client.integrations == {}


def test_an_unreachable_server_is_counted(swallowing: None) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dsn = f"http://key@127.0.0.1:{free.getsockname()[1]}/1"
        client = build_client(ClientOptions(dsn=dsn, profiles_sample_rate=0.0))
        client.capture_event({"message": "lost"})
        client.close(timeout=10.0)
    assert failure_counts()["send"] >= 1  # the event, and the SDK's report about its loss
