"""What `inside` does about errors to debug: the services behind the API, and the same answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from debugging.contexts.capturing import capture_error
from debugging.contexts.serializers import CaptureAnswer
from debugging.contexts.subjects import find_subject
from debugging.models import DebugSession
from debugging.replays.answers import replay_answer
from debugging.replays.services import replay, the_only_target
from debugging.sessions.opening import open_session
from debugging.sessions.serializers import SessionAnswer
from tradewatch.core.actors import Actor
from tradewatch.core.lookup import the_one
from tradewatch.projects.models import Project


def capture(actor: Actor, project_id: int, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return CaptureAnswer(capture_error(actor, Project.objects.get(pk=project_id), body, now=timezone.now())).data


def open_on(actor: Actor, project_ids: Sequence[int], error_id: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    subject = find_subject(project_ids, error_id)
    return session_of(open_session(actor, subject, title=str(body.get("title") or ""), now=timezone.now()).session.pk)


def session_of(session_id: int) -> Mapping[str, Any]:
    row = the_one(DebugSession.objects.all(), session_id, "session")
    return SessionAnswer(row).data


def replay_in(actor: Actor, session_id: int, body: Mapping[str, Any]) -> Mapping[str, Any]:
    row = the_one(DebugSession.objects.all(), session_id, "session")
    target = body.get("target") or the_only_target(row.project_id).name
    asked = body.get("modifications")
    found = replay(actor, row, target, asked, dry_run=bool(body.get("dry_run")), now=timezone.now())
    answer: Mapping[str, Any] = replay_answer(found)
    return answer
