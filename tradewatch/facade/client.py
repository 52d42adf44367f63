"""An SDK client built apart: it neither touches nor replaces the one that the application may have initialised."""

from sentry_sdk import Client
from sentry_sdk.transport import HttpTransport, Transport

from tradewatch.facade.failures import count_failure
from tradewatch.facade.options import ClientOptions


class CountingTransport(HttpTransport):
    """The SDK's own background sender, which says when it gives an event up."""

    def on_dropped_event(self, reason: str) -> None:
        count_failure("send", reason)


def build_client(options: ClientOptions, *, transport: Transport | type[Transport] = CountingTransport) -> Client:
    """Return a client that sends to `options.dsn` only.

    Not `sentry_sdk.init`: that would replace the application's client, and would read SENTRY_DSN when given no DSN.
    Integrations stay off, because they patch libraries for the whole process.
    """
    return Client(
        dsn=options.dsn,
        transport=transport,
        environment=options.environment,
        release=options.release,
        traces_sample_rate=options.traces_sample_rate,
        profiles_sample_rate=options.profiles_sample_rate,
        default_integrations=False,
        auto_enabling_integrations=False,
        spotlight=False,
    )
