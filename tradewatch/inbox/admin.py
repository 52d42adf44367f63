from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tradewatch.inbox.dead_letters import retry_dead_letter
from tradewatch.inbox.models import DeadLetter, KeptItem
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each


@admin.register(DeadLetter)
class DeadLetterAdmin(ScopedRecordAdmin):
    """What could not be digested, why, and a second try. The raw body is never shown: it is not scrubbed."""

    list_display = ("reason", "project_id", "state", "body_bytes", "received_at", "failed_at", "retried_at")
    list_filter = ("state", "project_id")
    search_fields = ("reason",)
    date_hierarchy = "failed_at"
    exclude = ("body",)
    actions = ("retry",)

    @admin.action(description="Try again", permissions=["change"])
    def retry(self, request: HttpRequest, letters: QuerySet[DeadLetter]) -> None:
        waiting = letters.filter(state=DeadLetter.State.WAITING)
        act_on_each(request, waiting, retry_dead_letter, "put back into the inbox")


@admin.register(KeptItem)
class KeptItemAdmin(ScopedRecordAdmin):
    """Items whose own pages come with a later capability."""

    list_display = ("item_type", "project", "environment", "release", "trace_id", "received_at")
    list_filter = ("item_type", "project")
    list_select_related = ("project",)
    date_hierarchy = "received_at"
    exclude = ("payload",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name != "payload"]
