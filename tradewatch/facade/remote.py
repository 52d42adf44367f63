"""The backend of the monitored application, over HTTP: events to TRADEWATCH_DSN, everything else to TRADEWATCH_URL."""

import os

from sentry_sdk import Client

from tradewatch.facade.alerts import SaidAlert
from tradewatch.facade.client import build_client
from tradewatch.facade.options import MonitorOptions, read_client_options, read_monitor_options
from tradewatch.facade.posting import post


def connect(project: str) -> Client | None:
    """Return a client for TRADEWATCH_DSN; None without one. The DSN says which project, so `project` is not asked."""
    options = read_client_options(os.environ)
    return build_client(options) if options.dsn else None


def monitor_options() -> MonitorOptions:
    return read_monitor_options(os.environ)


def release() -> None:
    """Nothing: requests hold no connection."""


def send_alert(said: SaidAlert) -> None:
    body = {**said.body, **({"project": said.project} if said.project else {})}
    post(os.environ, "/alerts", body, operation="create_alert")


def end_alert(dedup_key: str, project: str | None) -> None:
    body = {"title": dedup_key[:250], "dedup_key": dedup_key, "state": "resolved"}
    post(os.environ, "/alerts", {**body, **({"project": project} if project else {})}, operation="resolve_alert")
