"""The error that a session is about, whichever way it came: a stored event, or a captured context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from debugging.contexts.capturing import issue_of_hashes
from debugging.models import ErrorContext
from tradewatch.core.faults import Conflict, Unknown
from tradewatch.core.shapes import text_of
from tradewatch.errors.facts import facts_of
from tradewatch.errors.families import root_of
from tradewatch.errors.models import Event, Issue
from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.projects.models import Project


@dataclass(frozen=True, slots=True)
class Subject:
    """`document` is the stored one, in the shape of `errors.normalise`; `server` the host that it names, or empty.

    One of `event` and `context` is there. `issue` None: no event of its fingerprint was ever stored.
    """

    project: Project
    document: Mapping[str, Any]
    title: str
    at: datetime
    environment: str
    release: str
    transaction: str
    trace_id: str
    server: str
    tags: Mapping[str, str]
    issue: Issue | None
    event: Event | None = None
    context: ErrorContext | None = None

    @property
    def error_id(self) -> str:
        return (self.event.event_id if self.event else self.context.error_id).hex  # type: ignore[union-attr]  # one of the two is there


def find_subject(project_ids: Sequence[int], error_id: str) -> Subject:
    """Return the error with this id, a context's or an event's, in one of the projects.

    Raises `Unknown`, and `Conflict` where several of the projects have an event with it.
    """
    plain = normal_event_id(error_id)
    if plain is None:
        raise Unknown("no such error: expected the id of a captured context or of an event, 32 hex digits")
    context = ErrorContext.objects.select_related("project").filter(error_id=UUID(hex=plain)).first()
    if context is not None and context.project_id in project_ids:
        return subject_of_context(context)
    events = Event.objects.filter(project__in=project_ids, event_id=UUID(hex=plain))
    found = list(events.select_related("project", "issue", "release", "stored")[:2])
    if not found:
        raise Unknown("no such error: no context and no event that is still kept has this id")
    if len(found) > 1:
        raise Conflict("several projects have an event with this id", errors={"project": ["say which"]})
    return subject_of_event(found[0])


def subject_of_event(event: Event) -> Subject:
    """Read of an event with its project, issue, release and document at hand."""
    document = event.payload
    return Subject(
        project=event.project,
        document=document,
        title=event.issue.title,
        at=event.timestamp,
        environment=event.environment,
        release=event.release.version if event.release else "",
        transaction=event.transaction,
        trace_id=event.trace_id,
        server=text_of(document.get("server_name")),
        tags=facts_of(document).tags,
        issue=root_of(event.issue),
        event=event,
    )


def subject_of_context(context: ErrorContext) -> Subject:
    """Read of a context with its project. Its issue is looked for again: the first event may have come since."""
    document = context.payload
    return Subject(
        project=context.project,
        document=document,
        title=context.title,
        at=context.captured_at,
        environment=context.environment,
        release=context.release,
        transaction=context.transaction,
        trace_id=context.trace_id,
        server=text_of(document.get("server_name")),
        tags=facts_of(document).tags,
        issue=issue_of_hashes(context.project_id, context.hashes),
        context=context,
    )
