"""Replays and batches in the admin: what was sent and what came back, without secrets; approved, refused, cancelled."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from debugging.admin.records import SessionRecordAdmin, json_html
from debugging.models import Replay, ReplayBatch

WHO = ("requested_by", "requested_at")


@admin.register(Replay)
class ReplayAdmin(SessionRecordAdmin):
    """Replays are asked for on a session's page, or through the API."""

    list_display = ("__str__", "session", "target_kind", "state", "reproduced", "status", "approved_by", *WHO)
    list_filter = ("session__project", "state", "reproduced", "target_kind", "target_name")
    search_fields = ("title", "session__title", "trace_id", "requested_by", "approved_by")
    list_select_related = ("session",)
    hidden = ("asked", "request", "response", "diff", "requested_kind", "requested_id")
    readonly_fields = ("page", "sent", "answer", "differences")

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
    list_select_related = ("session",)
    hidden = ("asked", "result", "requested_kind", "requested_id", "claimed_until")
    readonly_fields = ("page", "progress", "found")

    @admin.display(description="sent")
    def progress(self, row: ReplayBatch) -> str:
        return f"{row.replays.exclude(sent_at=None).count()} of {row.total}"

    @admin.display(description="found")
    def found(self, row: ReplayBatch) -> SafeString | str:
        return json_html(row.result) if row.result else "nothing yet"
