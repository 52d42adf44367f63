"""The backend of the monitored application: over HTTP to the TradeWatch that TRADEWATCH_DSN names."""

import os

from sentry_sdk import Client

from tradewatch.facade.client import build_client
from tradewatch.facade.options import read_client_options


def connect(project: str) -> Client | None:
    """Return a client for TRADEWATCH_DSN; None without one. The DSN says which project, so `project` is not asked."""
    options = read_client_options(os.environ)
    return build_client(options) if options.dsn else None
