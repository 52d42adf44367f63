"""The backend of TradeWatch itself: events take the inbox that every other event takes, without HTTP.

`backends` imports this module by name, only where Django is configured: it is the facade's one module that needs it.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone
from sentry_sdk import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from alerts.choices import AlertCategory, AlertSeverity
from alerts.services import raise_alert
from alerts.services.judging import observe_end
from alerts.trigger import Trigger
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Unknown
from tradewatch.facade import inside_debugging, inside_releases, inside_sla
from tradewatch.facade.alerts import SaidAlert
from tradewatch.facade.background import THREAD_NAME
from tradewatch.facade.client import build_client
from tradewatch.facade.failures import swallowed
from tradewatch.facade.inside_answers import answered
from tradewatch.facade.options import ClientOptions, MonitorOptions
from tradewatch.inbox.services import enqueue
from tradewatch.projects.config import project_configs
from tradewatch.projects.queries import FIRST_PROJECT


class InboxTransport(Transport):
    """Puts envelopes into the inbox for the project with `slug`, looked up when needed: it may be made later."""

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug

    def capture_envelope(self, envelope: Envelope) -> None:
        body = envelope.serialize()
        with contextlib.suppress(RuntimeError):
            loop = asyncio.get_running_loop()
            # The event loop must not wait for a disk, nor may it use the ORM: a thread does.
            loop.run_in_executor(None, self._enqueue_and_disconnect, body)
            return
        enqueue(self._project_id(), body)

    def _enqueue_and_disconnect(self, body: bytes) -> None:
        try:
            with swallowed("enqueue"):
                enqueue(self._project_id(), body)
        finally:
            connections.close_all()  # the thread's own; nobody else would close them

    def _project_id(self) -> int:
        return _project_id(self.slug)


def connect(project: str) -> Client | None:
    """Return a client that delivers to `project` (a slug) of this TradeWatch."""
    options = ClientOptions(
        dsn="",  # the transport knows where to; empty, not None: None makes the SDK read SENTRY_DSN
        environment=settings.SENTRY_ENVIRONMENT,
        release=f"tradewatch@{settings.VERSION}",
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE,
        profiles_sample_rate=settings.SENTRY_PROFILES_SAMPLE_RATE,
    )
    return build_client(options, transport=InboxTransport(project))


def monitor_options() -> MonitorOptions:
    return MonitorOptions(
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE,
        flush_interval_seconds=float(settings.SENTRY_METRICS_FLUSH_INTERVAL),
        is_enabled=settings.SENTRY_ENABLE_PERFORMANCE_MONITORING,
    )


def release() -> None:
    """Close the connections of the calling thread; nobody else would."""
    connections.close_all()


FACADE = Actor(kind="system", id=None, label="TradeWatch's own code")


def send_alert(said: SaidAlert) -> None:
    """Open the alert by the service that the API calls too."""
    body = said.body
    trigger = Trigger(
        project_id=_project_id(said.project or FIRST_PROJECT),
        dedup_key=said.dedup_key,
        severity=AlertSeverity(body["severity"]),
        category=AlertCategory(body["category"]),
        source=body["source"],
        title=body["title"],
        at=timezone.now(),
        reasons=(f"Raised by {FACADE.label}.",),
        message=body["message"],
        environment=body["environment"],
        tags=body["tags"],
        metadata={"details": body["metadata"]} if body["metadata"] else {},
        actor_label=FACADE.label,
    )
    with _own_connections():
        raise_alert(FACADE, trigger)


def end_alert(dedup_key: str, project: str | None) -> None:
    why = f"{FACADE.label} says that it ended."
    with _own_connections():
        project_id = _project_id(project or FIRST_PROJECT)
        observe_end(project_id, dedup_key, why=why, by=FACADE.label, now=timezone.now())


def sla_status(project: str | None, environment: str | None) -> dict[str, Any] | None:
    return answered(lambda: inside_sla.status_of(_named(project), environment))


def sla_report(asked: Mapping[str, str], project: str | None) -> dict[str, Any] | None:
    return answered(lambda: inside_sla.report_of(_project_id(project or FIRST_PROJECT), asked))


def update_sla_target(metric_name: str, values: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
    return answered(
        lambda: inside_sla.update_target_of(FACADE, _project_id(project or FIRST_PROJECT), metric_name, values)
    )


def start_deployment(body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
    return answered(lambda: inside_releases.start(FACADE, _project_id(project or FIRST_PROJECT), body))


def complete_deployment(deployment_id: int, body: Mapping[str, Any]) -> dict[str, Any] | None:
    return answered(lambda: inside_releases.complete(FACADE, deployment_id, body))


def release_status(environment: str | None, project: str | None) -> dict[str, Any] | None:
    return answered(lambda: inside_releases.status_of(_project_id(project or FIRST_PROJECT), environment))


def release_notes(version: str, asked: Mapping[str, str], project: str | None) -> dict[str, Any] | None:
    return answered(lambda: inside_releases.notes(_project_id(project or FIRST_PROJECT), version, asked)) or None


def capture_error(body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
    return answered(lambda: inside_debugging.capture(FACADE, _project_id(project or FIRST_PROJECT), body))


def open_debug_session(error_id: str, body: Mapping[str, Any], project: str | None) -> dict[str, Any] | None:
    return answered(lambda: inside_debugging.open_on(FACADE, _named(project), error_id, body))


def debug_session(session_id: int) -> dict[str, Any] | None:
    return answered(lambda: inside_debugging.session_of(session_id))


def replay_request(session_id: int, body: Mapping[str, Any]) -> dict[str, Any] | None:
    return answered(lambda: inside_debugging.replay_in(FACADE, session_id, body))


def _named(project: str | None) -> list[int]:
    return [_project_id(project)] if project else sorted(config.id for config in project_configs().values())


@contextlib.contextmanager
def _own_connections() -> Iterator[None]:
    """Close what the facade's thread opened; nobody else would. Django closes those of the others."""
    try:
        yield
    finally:
        if threading.current_thread().name == THREAD_NAME:
            connections.close_all()


def _project_id(slug: str) -> int:
    for config in project_configs().values():
        if config.slug == slug:
            return config.id
    raise Unknown(f"no project has the slug {slug}")
