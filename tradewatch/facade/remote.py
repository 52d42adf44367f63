"""The backend of the monitored application, over HTTP: events to TRADEWATCH_DSN, everything else to TRADEWATCH_URL."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sentry_sdk import Client

from tradewatch.facade.alerts import SaidAlert
from tradewatch.facade.asking import ask
from tradewatch.facade.client import build_client
from tradewatch.facade.options import MonitorOptions, read_client_options, read_monitor_options
from tradewatch.facade.posting import post

REPLAY_SECONDS = 75.0  # a target may take a minute, and its error some seconds more


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


def sla_status(project: str | None, environment: str | None) -> dict[str, Any] | None:
    named = {"project": project, "environment": environment}
    parameters = {name: value for name, value in named.items() if value}
    return ask(os.environ, "/sla/status", parameters=parameters, operation="get_sla_status")


def sla_report(asked: Mapping[str, str], project: str | None) -> dict[str, Any] | None:
    parameters = {**asked, **({"project": project} if project else {})}
    return ask(os.environ, "/sla/report", parameters=parameters, operation="generate_sla_report")


def update_sla_target(metric_name: str, values: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
    path = f"/sla/targets/{quote(metric_name, safe='')}/update"
    body = {**values, **({"project": project} if project else {})}
    return ask(os.environ, path, body=body, operation="update_sla_target")


def start_deployment(body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
    named = {**body, **({"project": project} if project else {})}
    return ask(os.environ, "/release/deploy/start", body=named, operation="start_deployment")


def complete_deployment(deployment_id: int, body: Mapping[str, Any]) -> dict[str, Any] | None:
    path = f"/release/deploy/{deployment_id}/complete"
    return ask(os.environ, path, body=body, operation="complete_deployment")


def release_status(environment: str | None, project: str | None) -> dict[str, Any] | None:
    named = {"project": project, "environment": environment}
    parameters = {name: value for name, value in named.items() if value}
    return ask(os.environ, "/release/status", parameters=parameters, operation="get_release_status")


def release_notes(version: str, asked: Mapping[str, str], project: str | None) -> dict[str, Any] | None:
    path = f"/release/notes/{quote(version, safe='')}"
    parameters = {**asked, **({"project": project} if project else {})}
    return ask(os.environ, path, parameters=parameters, operation="generate_release_notes", may_be_unknown=True)


def capture_error(body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
    named = {**body, **({"project": project} if project else {})}
    return ask(os.environ, "/debug/capture", body=named, operation="capture_error_context")


def open_debug_session(error_id: str, body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
    path, parameters = f"/debug/session/{quote(error_id, safe='')}", {"project": project} if project else {}
    return ask(os.environ, path, parameters=parameters, body=body, operation="create_debug_session")


def debug_session(session_id: int) -> dict[str, Any] | None:
    return ask(os.environ, f"/debug/session/{session_id}", operation="get_debug_session")


def replay_request(session_id: int, body: Mapping[str, Any]) -> dict[str, Any] | None:
    path = f"/debug/session/{session_id}/replay"
    return ask(os.environ, path, body=body, operation="replay_request", timeout_seconds=REPLAY_SECONDS)
