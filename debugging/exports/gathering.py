"""A session's request put together for a file: as captured, as a replay changed it, as a search made it smaller."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from debugging.batches.queries import smallest_of
from debugging.choices import BatchKind, Reproduced, TargetKind
from debugging.exports.shapes import LOCAL, Reproduction
from debugging.exports.slots import filling_of
from debugging.models import DebugSession, Replay, ReplayBatch, ReplayTarget
from debugging.requests.captured import captured_request
from debugging.requests.modifying import modified
from debugging.requests.shapes import WebRequest
from debugging.sessions.opening import subject_of
from tradewatch.core.faults import Conflict, Invalid, Unknown
from tradewatch.core.shapes import mapping
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document
from tradewatch.projects.config import project_configs

_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.\-_:\[\]/%~]+")  # no sign that a shell or a .http file reads
_RANKS = {TargetKind.LOCAL: 0, TargetKind.STAGING: 1}


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants in the file: the changes of a replay or of the smallest that a search found, a target."""

    replay_id: int | None = None
    shrink_id: int | None = None
    target: str = ""
    expected_status: int | None = None


def gather(session: DebugSession, choice: Choice) -> Reproduction:
    """Return what the file is made of. Read of a session with its project.

    Raises `Invalid` (no request, both a replay and a search), `Unknown` (replay, search, target), `Conflict` for a
    search that has found nothing that fails.
    """
    document = subject_of(session).document
    request, replay = captured_request(document), _replay(session, choice)
    if replay is not None:
        request = _scrubbed(modified(request, replay.modifications), session.project_id)
    target = _target(session, choice, replay)
    secrets = target.secrets.order_by("place", "name").values_list("place", "name") if target else ()
    filling = filling_of(request.removed, secrets)
    return Reproduction(
        name=session.name,
        title=session.title,
        url=f"{settings.PUBLIC_URL}{session.get_absolute_url()}",
        request=request,
        base_url=_base_url(target),
        slots=filling.slots,
        failing_status=_failing_status(document, replay),
        expected_status=choice.expected_status,
        lost=filling.lost,
    )


def _replay(session: DebugSession, choice: Choice) -> Replay | None:
    replay_id = choice.replay_id
    if choice.shrink_id is not None:
        if replay_id is not None:
            raise Invalid("two requests", errors={"shrink": ["give either a replay or a search"]})
        replay_id = _smallest_try(session, choice.shrink_id)
    if replay_id is None:
        return None
    row = Replay.objects.filter(session=session, pk=replay_id).select_related("target").first()
    if row is None:
        raise Unknown("no such replay in this session", errors={"replay": ["is unknown"]})
    return row


def _smallest_try(session: DebugSession, batch_id: int) -> int:
    """Return the id of the replay with the smallest request that still failed."""
    row = ReplayBatch.objects.filter(session=session, pk=batch_id, kind=BatchKind.SHRINK).first()
    if row is None:
        raise Unknown("no such search in this session", errors={"shrink": ["is unknown"]})
    found = smallest_of(row)
    if found is None:
        raise Conflict("the search has found nothing that fails", errors={"shrink": [f"is {row.state}"]})
    return found.replay_id


def _scrubbed(request: WebRequest, project_id: int) -> WebRequest:
    """Return a changed request as if it had been captured: what somebody typed into a replay may be a secret."""
    config = project_configs()[project_id]
    policy = ScrubPolicy(keeps_ip_addresses=config.keeps_ip_addresses, extra_fields=config.scrub_fields)
    said = {
        "method": request.method,
        "url": request.path,
        "query_string": [list(pair) for pair in request.query],
        "headers": [list(pair) for pair in request.headers],
        "data": request.body,
    }
    document = {"request": said}
    scrub_document(document, policy)
    again = captured_request(document)
    removed = tuple(dict.fromkeys((*request.removed, *(each for each in again.removed if each != "body"))))
    return replace(again, method=request.method, removed=removed)


def _target(session: DebugSession, choice: Choice, replay: Replay | None) -> ReplayTarget | None:
    """Return the one that is named, else the replay's, else one to try things at: never production unasked."""
    rows = ReplayTarget.objects.filter(project=session.project_id)
    if choice.target:
        named = rows.filter(name=choice.target).first()
        if named is None:
            raise Unknown("no such target", errors={"target": ["is unknown in this project"]})
        return named
    if replay is not None and replay.target is not None:
        return replay.target
    usable = rows.filter(is_enabled=True).exclude(kind=TargetKind.PRODUCTION)
    return min(usable, key=lambda row: (_RANKS.get(TargetKind(row.kind), 2), row.name), default=None)


def _base_url(target: ReplayTarget | None) -> str:
    """Return where the file sends to by itself; empty: production, which somebody has to name when they run it."""
    if target is None:
        return LOCAL
    url = target.base_url.rstrip("/")
    return url if target.kind != TargetKind.PRODUCTION and _PLAIN_URL.fullmatch(url) else ""


def _failing_status(document: Mapping[str, Any], replay: Replay | None) -> int | None:
    if replay is not None and replay.reproduced == Reproduced.YES:
        known = mapping(replay.response).get("status")
    else:
        known = mapping(mapping(document.get("contexts")).get("response")).get("status_code")
    return known if isinstance(known, int) and not isinstance(known, bool) and 400 <= known <= 599 else None
