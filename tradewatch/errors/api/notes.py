"""/error-tracking/issues/{id}/notes: what people and programs write about an issue."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tradewatch.core.faults import Unknown
from tradewatch.core.openapi import PAGE
from tradewatch.errors.activity import activity_of
from tradewatch.errors.api.reading import IssueView
from tradewatch.errors.choices import ActivityKind
from tradewatch.errors.issue_serializers import ActivityAnswer, ActivityPage, NoteTextRequest
from tradewatch.errors.models import Activity
from tradewatch.errors.services import add_note, delete_note, edit_note
from tradewatch.projects.choices import Scope


class Notes(IssueView):
    write_scope = Scope.ERRORS_WRITE

    @extend_schema(summary="Notes on an issue, the newest first", parameters=PAGE, responses=ActivityPage)
    def get(self, request: Request, issue_id: int) -> Response:
        notes = activity_of(self.issue_of(request, issue_id)).filter(kind=ActivityKind.NOTE)
        return self.paginate(request, notes, lambda note: ActivityAnswer(note).data, order=("-id",))

    @extend_schema(summary="Write a note", request=NoteTextRequest, responses={201: ActivityAnswer})
    def post(self, request: Request, issue_id: int) -> Response:
        asked = NoteTextRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        note = add_note(self.actor_of(request), self.issue_of(request, issue_id), asked.validated_data["text"])
        return Response(ActivityAnswer(note).data, status=201)


class OneNote(IssueView):
    read_scope = None
    write_scope = Scope.ERRORS_WRITE

    @extend_schema(summary="Change the text of one's own note", request=NoteTextRequest, responses=ActivityAnswer)
    def patch(self, request: Request, issue_id: int, note_id: int) -> Response:
        asked = NoteTextRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        note = self._note(request, issue_id, note_id)
        return Response(ActivityAnswer(edit_note(self.actor_of(request), note, asked.validated_data["text"])).data)

    @extend_schema(summary="Delete one's own note", responses={204: None})
    def delete(self, request: Request, issue_id: int, note_id: int) -> Response:
        delete_note(self.actor_of(request), self._note(request, issue_id, note_id))
        return Response(status=204)

    def _note(self, request: Request, issue_id: int, note_id: int) -> Activity:
        issue = self.issue_of(request, issue_id)
        note = Activity.objects.filter(issue=issue.pk, kind=ActivityKind.NOTE, pk=note_id).first()
        if note is None:
            raise Unknown("no such note")
        return note
