"""Stores what code captures of an error: scrubbed, normalised and packed by what does it with every event.

A capture is no event. It counts nowhere and no rule sees it: an error that both the SDK and the application tell of
would count twice. Where events of its fingerprint have made an issue, it is linked with that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
from django.db import transaction

from debugging.contexts.captured import LONGEST_BYTES, document_of, faults_in
from debugging.models import ErrorContext
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.core.live import push
from tradewatch.errors.digest import ErrorHandler
from tradewatch.errors.drafts import Draft
from tradewatch.errors.families import root_of
from tradewatch.errors.models import Issue, IssueHash
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.event_ids import new_event_id
from tradewatch.inbox.handlers import Arrival, Unreadable
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.config import forget_configs, project_configs
from tradewatch.projects.models import Project


def capture_error(actor: Actor, project: Project, body: Mapping[str, Any], *, now: datetime) -> ErrorContext:
    """Store what `body` (see `captured`) says of an error.

    Raises `NotAllowed`, and `Invalid` by field.
    """
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.DEBUG_WRITE)
    if errors := faults_in(body):
        raise Invalid("bad capture", errors=errors)
    draft = _draft_of(project, body, now=now)
    issue = issue_of_hashes(project.pk, list(draft.grouping.hashes))
    facts = draft.facts
    with transaction.atomic():
        row = ErrorContext.objects.create(
            project=project,
            error_id=draft.event_id,
            issue=issue,
            hashes=list(draft.grouping.hashes),
            title=facts.title,
            exception_type=facts.exception_type,
            culprit=facts.culprit,
            environment=facts.environment,
            release=facts.release,
            transaction=facts.transaction,
            trace_id=facts.trace_id,
            captured_at=now,
            captured_by=actor.label[:200],
            data=draft.payload,
        )
        audit.record(actor, "debug.capture", row, project_id=project.pk)
        transaction.on_commit(partial(push, "debug", project.pk))
    return row


def issue_of_hashes(project_id: int, hashes: Sequence[str]) -> Issue | None:
    """Return the issue that events of this fingerprint belong to, the one it was merged into; None: there is none."""
    rows = IssueHash.objects.filter(project=project_id, hash__in=hashes).select_related("issue")
    known = {row.hash: row.issue for row in rows}
    found = next((known[each] for each in hashes if each in known), None)
    return None if found is None else root_of(found)


def _draft_of(project: Project, body: Mapping[str, Any], *, now: datetime) -> Draft:
    error_id = new_event_id()
    try:
        payload = orjson.dumps(document_of(body, error_id=error_id, at=now))
    except (orjson.JSONEncodeError, RecursionError):
        raise Invalid("bad capture", errors={"body": ["is nested too deeply"]}) from None
    if len(payload) > LONGEST_BYTES:
        raise Invalid("bad capture", errors={"body": [f"is larger than {LONGEST_BYTES >> 10} KiB"]})
    try:
        return ErrorHandler().prepare(Item("event", {}, payload), _arrival(project.pk, error_id, now=now))
    except Unreadable as fault:
        raise Invalid("bad capture", errors={"body": [str(fault)]}) from fault


def _arrival(project_id: int, error_id: str, *, now: datetime) -> Arrival:
    configs = project_configs()
    if project_id not in configs:
        forget_configs()  # a project younger than the snapshot
        configs = project_configs()
    return Arrival(
        project=configs[project_id], received_at=now, drift=timedelta(0), headers={"event_id": error_id}, address=""
    )
