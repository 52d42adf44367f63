"""Which recordings show an error: those that name it, the one that it names, and those of whose trace it is."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from debugging.choices import RefKind
from debugging.contexts.subjects import Subject
from debugging.models import BrowserReplay
from tradewatch.errors.facts import facts_of
from tradewatch.errors.models import Event
from tradewatch.inbox.event_ids import normal_event_id

EVENTS_LOOKED_AT = 200  # the newest of an issue: what is older has hardly a recording left


def replay_id_in(document: Mapping[str, Any]) -> UUID | None:
    """Return the id that an event's document names: @sentry/browser writes a tag, others the context `replay`."""
    contexts = document.get("contexts")
    context = contexts.get("replay") if isinstance(contexts, Mapping) else None
    named = context.get("replay_id") if isinstance(context, Mapping) else None
    plain = normal_event_id(named or facts_of(document).tags.get("replayId"))
    return UUID(hex=plain) if plain else None


def recordings_of_error(error: Subject) -> QuerySet[BrowserReplay]:
    """Return those of one error."""
    named = replay_id_in(error.document)
    condition = _naming([UUID(hex=error.error_id)], [error.trace_id]) | (Q(replay_id=named) if named else Q(pk__in=[]))
    return BrowserReplay.objects.filter(condition, project=error.project).distinct()


def recordings_of_issue(project_id: int, issue_id: int) -> QuerySet[BrowserReplay]:
    """Return those of the newest events of an issue."""
    events = Event.objects.filter(issue=issue_id).order_by("-timestamp", "-id")
    found = list(events.values_list("event_id", "trace_id")[:EVENTS_LOOKED_AT])
    condition = _naming([event_id for event_id, _ in found], [trace_id for _, trace_id in found])
    return BrowserReplay.objects.filter(condition, project=project_id).distinct()


def _naming(error_ids: Sequence[UUID], trace_ids: Sequence[str]) -> Q:
    traces = {UUID(hex=plain) for each in trace_ids if (plain := normal_event_id(each))}
    condition = Q(refs__kind=RefKind.ERROR, refs__value__in=error_ids)
    return condition | Q(refs__kind=RefKind.TRACE, refs__value__in=traces) if traces else condition
