"""A transport that keeps what would have been sent."""

from typing import Any

from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport


class RecordingTransport(Transport):
    def __init__(self, options: dict[str, Any] | None = None) -> None:
        super().__init__(options)
        self.envelopes: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for envelope in self.envelopes if (event := envelope.get_event())]


class BrokenTransport(Transport):
    def capture_envelope(self, envelope: Envelope) -> None:
        raise ConnectionError("the transport is broken")
