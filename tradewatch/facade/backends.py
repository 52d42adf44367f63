"""Which of the two backends serves this process: TradeWatch's own services, or its HTTP API."""

import importlib
import sys
from collections.abc import Mapping
from typing import Any, Protocol, cast

from sentry_sdk import Client

from tradewatch.facade import remote
from tradewatch.facade.alerts import SaidAlert
from tradewatch.facade.options import MonitorOptions

INSIDE = "tradewatch.facade.inside"


class Backend(Protocol):
    def connect(self, project: str) -> Client | None:
        """Return a client that delivers to `project` (a slug), or None when there is nowhere to deliver to."""
        ...

    def monitor_options(self) -> MonitorOptions:
        """Return what the performance monitor goes by."""
        ...

    def release(self) -> None:
        """Give back what the calling thread, one of the facade's own, holds: it may sleep for a minute now."""
        ...

    def send_alert(self, said: SaidAlert) -> None:
        """Open or update the alert. May wait and may raise: it runs in the facade's own thread."""
        ...

    def end_alert(self, dedup_key: str, project: str | None) -> None:
        """End the open alert of the key, if there is one."""
        ...

    def sla_status(self, project: str | None, environment: str | None) -> dict[str, Any] | None:
        """Return the answer of `GET /sla/status`; None when there is none, which is counted. May wait and may raise."""
        ...

    def sla_report(self, asked: Mapping[str, str], project: str | None) -> dict[str, Any] | None:
        """Return the answer of `GET /sla/report`. As `sla_status`."""
        ...

    def update_sla_target(
        self, metric_name: str, values: Mapping[str, Any], project: str | None
    ) -> dict[str, Any] | None:
        """Return the answer of `POST /sla/targets/{metric_name}/update`. As `sla_status`."""
        ...

    def start_deployment(self, body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
        """Return the answer of `POST /release/deploy/start`. As `sla_status`."""
        ...

    def complete_deployment(self, deployment_id: int, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the answer of `POST /release/deploy/{id}/complete`. As `sla_status`."""
        ...

    def release_status(self, environment: str | None, project: str | None) -> dict[str, Any] | None:
        """Return the answer of `GET /release/status`. As `sla_status`."""
        ...

    def release_notes(self, version: str, asked: Mapping[str, str], project: str | None) -> dict[str, Any] | None:
        """Return the answer of `GET /release/notes/{version}`. As `sla_status`; None too for a version nobody knows."""
        ...

    def capture_error(self, body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
        """Return the answer of `POST /debug/capture`. As `sla_status`."""
        ...

    def open_debug_session(self, error_id: str, body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
        """Return the answer of `POST /debug/session/{error_id}`. As `sla_status`."""
        ...

    def debug_session(self, session_id: int) -> dict[str, Any] | None:
        """Return the answer of `GET /debug/session/{session_id}`. As `sla_status`."""
        ...

    def replay_request(self, session_id: int, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the answer of `POST /debug/session/{session_id}/replay`. As `sla_status`, and it may take a minute."""
        ...


def backend_of_this_process() -> Backend:
    """Return the backend through TradeWatch's own services when this process is TradeWatch, else the one over HTTP.

    By name and only then: the module imports Django and the services, and neither exists where `tradewatch-client`
    alone is installed.
    """
    return cast(Backend, importlib.import_module(INSIDE)) if _is_tradewatch() else remote


def _is_tradewatch() -> bool:
    # Asked of what is already imported: an application without Django must not load it for this question, and a
    # monitored Django application has settings, but not our inbox.
    registry = sys.modules.get("django.apps")
    return bool(registry and registry.apps.ready and registry.apps.is_installed("tradewatch.inbox"))
