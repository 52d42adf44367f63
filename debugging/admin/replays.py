"""Replays and batches in the admin: what was sent and what came back, without secrets; approved, refused, cancelled."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from debugging.admin.records import SessionRecordAdmin, json_html
from debugging.batches.services import approve as approve_batch
from debugging.batches.services import cancel
from debugging.models import Replay, ReplayBatch
from debugging.replays.services import approve, refuse
from tradewatch.projects.scoped_admin import act_on_each

WHO = ("requested_by", "requested_at")


@admin.register(Replay)
class ReplayAdmin(SessionRecordAdmin):
    """Replays are asked for on a session's page, or through the API."""

    list_display = ("__str__", "session", "target_kind", "state", "reproduced", "status", "approved_by", *WHO)
    list_filter = ("session__project", "state", "reproduced", "target_kind", "target_name")
    search_fields = ("title", "session__title", "trace_id", "requested_by", "approved_by")
    list_select_related = ("session__project",)
    actions = ("approve", "refuse")
    hidden = ("asked", "request", "response", "diff", "requested_kind", "requested_id")
    readonly_fields = ("page", "sent", "answer", "differences")

    @admin.action(description="Approve, as the second person", permissions=["view"])
    def approve(self, request: HttpRequest, rows: QuerySet[Replay]) -> None:
        """Sends them, one after the other; whether their errors came back is seen on the session's page."""
        act_on_each(request, rows, partial(approve, now=timezone.now(), look_seconds=0.0), "approved")

    @admin.action(description="Refuse", permissions=["view"])
    def refuse(self, request: HttpRequest, rows: QuerySet[Replay]) -> None:
        act_on_each(request, rows, partial(refuse, now=timezone.now()), "refused")

    @admin.display(description="status")
    def status(self, row: Replay) -> Any:
        return (row.response or {}).get("status")

    @admin.display(description="sent, without secrets")
    def sent(self, row: Replay) -> SafeString:
        return json_html(row.request)

    @admin.display(description="answer")
    def answer(self, row: Replay) -> SafeString | str:
        return row.fault or "none yet" if row.response is None else json_html(row.response)

    @admin.display(description="differences")
    def differences(self, row: Replay) -> SafeString | str:
        return "none are known" if row.diff is None else json_html(row.diff)


@admin.register(ReplayBatch)
class ReplayBatchAdmin(SessionRecordAdmin):
    """Matrices and searches for the smallest body. Begun on a session's page, or through the API."""

    list_display = ("__str__", "kind", "state", "progress", "approved_by", *WHO, "ended_at")
    list_filter = ("session__project", "kind", "state", "target_name")
    search_fields = ("session__title", "requested_by", "approved_by")
    list_select_related = ("session__project",)
    actions = ("approve", "cancel")
    hidden = ("asked", "result", "requested_kind", "requested_id", "claimed_until")
    readonly_fields = ("page", "progress", "found")

    @admin.action(description="Approve, as the second person", permissions=["view"])
    def approve(self, request: HttpRequest, rows: QuerySet[ReplayBatch]) -> None:
        act_on_each(request, rows, partial(approve_batch, now=timezone.now()), "approved")

    @admin.action(description="Cancel what has not been sent", permissions=["view"])
    def cancel(self, request: HttpRequest, rows: QuerySet[ReplayBatch]) -> None:
        act_on_each(request, rows, partial(cancel, now=timezone.now()), "cancelled")

    @admin.display(description="sent")
    def progress(self, row: ReplayBatch) -> str:
        return f"{row.replays.exclude(sent_at=None).count()} of {row.total}"

    @admin.display(description="found")
    def found(self, row: ReplayBatch) -> SafeString | str:
        return json_html(row.result) if row.result else "nothing yet"
