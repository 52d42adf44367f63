"""From a session and what somebody asks for to what is sent: the captured request, changed, made ready for a target."""

import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from debugging.choices import SecretPlace
from debugging.models import DebugSession, ReplayTarget
from debugging.replays.outcome import Limits
from debugging.requests.captured import captured_request
from debugging.requests.headers import header_of
from debugging.requests.modifying import modified, named_places
from debugging.requests.pointers import stands_in
from debugging.requests.shapes import WebRequest
from debugging.sessions.opening import subject_of
from debugging.targets.addresses import host_of
from debugging.targets.filling import Prepared, Secret, filled
from tradewatch.errors.normalise.decode import storable
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document
from tradewatch.performance.traces.reading import draw_of
from tradewatch.projects.models import Project

AGENT = "TradeWatch replay"
_DRAWS = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent where: `request` as it was captured and changed, `prepared` with the target's secrets in it."""

    request: WebRequest
    prepared: Prepared
    limits: Limits


@dataclass(frozen=True, slots=True)
class Ground:
    """What all replays of a session's error to one target go by, read once for many."""

    captured: WebRequest
    target: ReplayTarget
    secrets: Sequence[Secret]


def ground_of(session: DebugSession, target: ReplayTarget) -> Ground:
    """Read of a session and a target of one project. Raises `Invalid` where the error has no request."""
    return Ground(captured_request(subject_of(session).document), target, secrets_of(target))


def prepare(ground: Ground, modifications: Mapping[str, Any]) -> Asked:
    """Return what would be sent, without a trace. Raises `Invalid` by field: bad modifications, what cannot be sent."""
    request, target, secrets = modified(ground.captured, modifications), ground.target, ground.secrets
    kept = named_places(modifications)
    if "body" in modifications:  # what it says itself stays
        named = [each.name for each in secrets if each.place == SecretPlace.BODY]
        kept |= {("body", name) for name in named if stands_in(request.body, name)}
    prepared = filled(request, target, secrets, kept=kept)
    return Asked(request, prepared, limits_of(target))


def traced(prepared: Prepared, *, trace_id: str, label: str) -> Prepared:
    """Return it with the headers by which the target's SDK goes on with the replay's trace, and its logs know it.

    https://develop.sentry.dev/sdk/telemetry/traces/: sampled, so that a target that traces at all tells of it.
    """
    agent = header_of(prepared.headers, "User-Agent") or AGENT
    return prepared.with_headers(
        [
            ("User-Agent", agent),
            ("sentry-trace", f"{trace_id}-{span_id_of(trace_id)}-1"),
            ("baggage", f"sentry-trace_id={trace_id},sentry-sampled=true,sentry-sample_rate=1"),
            ("X-TradeWatch-Replay", label),
        ]
    )


def new_trace_id() -> str:
    """Return a trace id whose lot is a good one of many: raw traces are kept by lot when an hour brings too many of
    them, and this one tells whether the target has reported at all."""
    return min((random.token_hex(16) for _ in range(_DRAWS)), key=draw_of)


def span_id_of(trace_id: str) -> str:
    """Return the id of the replay's own span, the parent of what the target reports."""
    return trace_id[:16]


def secrets_of(target: ReplayTarget) -> list[Secret]:
    return [Secret(row.place, row.name, row.value) for row in target.secrets.all()]


def limits_of(target: ReplayTarget) -> Limits:
    return Limits(
        timeout_seconds=float(target.timeout_seconds),
        internal_host=host_of(target.base_url) if target.allows_internal else "",
        verifies_tls=target.verifies_tls,
        allowed=tuple(settings.OUTBOUND_ALLOWED_NETWORKS),
    )


def scrubbed(project: Project, part: Any, name: str = "request") -> Any:
    """Return what is stored of a request or an answer: scrubbed as events are, by what the project wants scrubbed, and
    without what no database takes (NUL, lone surrogates)."""
    if part is None:
        return None
    document: dict[str, Any] = {name: storable(part)}
    policy = ScrubPolicy(project.keeps_ip_addresses, frozenset(str(each).lower() for each in project.scrub_fields))
    scrub_document(document, policy)
    return document[name]
