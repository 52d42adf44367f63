"""The panel "Replays": the form with the captured request in it, a dry run's answer, what was sent before."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from debugging.exports.gathering import Choice, gather
from debugging.models import DebugSession
from debugging.replays.services import DryRun, replay
from debugging.requests.captured import captured_request
from debugging.requests.shapes import WebRequest
from debugging.sessions.opening import subject_of
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault
from tradewatch.dashboard.debugging.asked_ids import number_of
from tradewatch.dashboard.debugging.fields import Field, Sent
from tradewatch.dashboard.debugging.outcomes import outcome_of
from tradewatch.dashboard.debugging.posting import Done, Drawn, Values
from tradewatch.dashboard.debugging.previews import request_html
from tradewatch.dashboard.debugging.replay_form import (
    FIELDS,
    METHODS,
    ReplayForm,
    form_of,
    modifications_of,
    read_form,
)
from tradewatch.dashboard.debugging.replay_lines import replay_lines

LOOK_SECONDS = 3.0  # for the error, while somebody waits for the page; later it comes to the page by itself


def replays_section(
    session: DebugSession, actor: Actor, captured: WebRequest | None, asked: Mapping[str, str], drawn: Drawn
) -> dict[str, Any]:
    """Return the form with what stands in it, what a dry run would send, and the replays."""
    sent = drawn.sent.of("replay")
    body = captured.body if captured else None
    listed = {"sent": sent, **replay_lines(session, actor, asked.get("replays"), body)}
    if captured is None:
        return listed
    form, source = _filled(session, captured, asked, sent)
    return {
        **listed,
        "fields": fields_of(form, sent.errors, captured),
        "form_source": source,
        "is_changed": bool(source or form != form_of(captured) or set(sent.errors) & set(FIELDS)),
        "dry": _dry(drawn.shown) if isinstance(drawn.shown, DryRun) else None,
    }


def post_replay(actor: Actor, session: DebugSession, values: Values) -> Done | Drawn:
    """Send the form's request, or show what would be sent. Raises what `replay` raises."""
    captured = captured_request(subject_of(session).document)
    form = read_form(values, kept=form_of(captured).kept)
    said, is_dry = modifications_of(captured, form), bool(values.get("dry"))
    target, now = values.get("target", ""), timezone.now()
    found = replay(actor, session, target, said, dry_run=is_dry, now=now, look_seconds=LOOK_SECONDS)
    if isinstance(found, DryRun):
        return Drawn(Sent("replay", values), shown=found)
    return Done(f"Replay {found.pk} at {found.target_name}: {outcome_of(found).word.lower()}", "replays")


def _dry(found: DryRun) -> dict[str, Any]:
    return {
        "html": request_html(found.request),
        "target": found.target.name,
        "waits": found.needs_second_person,
        "removed": found.request.get("removed", []),
    }


def captured_of(session: DebugSession) -> tuple[WebRequest | None, str]:
    """Return the request that the error came with, or why there is none. Read of a session with its error at hand."""
    error = session.event or session.context
    try:
        return captured_request(error.payload if error else {}), ""
    except Fault as fault:
        return None, fault.detail


def _filled(
    session: DebugSession, captured: WebRequest, asked: Mapping[str, str], sent: Sent
) -> tuple[ReplayForm, str]:
    """Return what stands in the form, and whose request it is: what was sent, a replay's, the captured one."""
    if sent.values:
        return read_form(sent.values, kept=form_of(captured).kept), ""
    replay_id = number_of(asked.get("from"))
    if replay_id is None:
        return form_of(captured), ""
    try:
        request = gather(session, Choice(replay_id=replay_id)).request
    except Fault:
        return form_of(captured), ""  # the address names a replay that has gone
    form = form_of(request)
    if form.kept:  # an empty field would mean the captured one
        return form_of(captured), ""
    return form, f"replay {replay_id}"


def fields_of(form: ReplayForm, errors: Mapping[str, Any], captured: WebRequest) -> list[Field]:
    """Return the fields, with what each of them is told in and what was wrong with it."""
    gone = ", ".join(captured.removed)
    removed = f" Not known any more, sent by the target's secrets only: {gone}." if gone else ""
    header_help = f"Name: value, one a line.{removed}"
    body_help = "JSON, as it was captured." if captured.is_json else "Text, as it was captured."
    methods = [(each, each) for each in dict.fromkeys((*METHODS, form.method))]
    helps = {"query": "name=value, one a line.", "headers": header_help, "body": body_help}
    helps |= dict.fromkeys(form.kept, "Too long to be shown: left empty, it is sent as it was captured.")
    return [
        Field("method", "Method", form.method, errors=errors.get("method", ()), options=methods),
        Field("path", "Path", form.path, errors=errors.get("path", ())),
        Field("query", "Query", form.query, helps["query"], errors.get("query", ()), rows=2),
        Field("headers", "Headers", form.headers, helps["headers"], errors.get("headers", ()), rows=3),
        Field("body", "Body", form.body, helps["body"], errors.get("body", ()), rows=8),
    ]
