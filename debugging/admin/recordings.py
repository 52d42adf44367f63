from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from debugging.admin.storage import StorageShown
from debugging.models import BrowserReplay, BrowserReplaySegment
from debugging.recordings.services import delete_recording
from tradewatch.core.admin import ReadOnlyInline
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each


class SegmentInline(ReadOnlyInline):
    per_page = 30
    model = BrowserReplaySegment
    fields = readonly_fields = ("number", "received_at", "event_count", "plain_bytes", "refused")
    ordering = ("number",)
    verbose_name_plural = "segments"

    def get_queryset(self, request: HttpRequest) -> QuerySet[BrowserReplaySegment]:
        rows: QuerySet[BrowserReplaySegment] = super().get_queryset(request).defer("data", "timeline")
        return rows


@admin.register(BrowserReplay)
class BrowserReplayAdmin(StorageShown, ScopedRecordAdmin):
    """Session replays that browsers sent. What they show is on their page; here they are found, and taken away."""

    list_display = ("name", "project", "environment", "release", "kind", "started_at", "segment_count", "size")
    list_filter = ("project", "environment", "kind")
    search_fields = ("replay_id", "release")
    list_select_related = ("project",)
    ordering = ("-started_at", "-id")
    date_hierarchy = "started_at"
    inlines = (SegmentInline,)
    actions = ("take_away",)
    readonly_fields = ("page",)

    @admin.display(description="recording")
    def name(self, row: BrowserReplay) -> str:
        return str(row)

    @admin.display(description="size", ordering="stored_bytes")
    def size(self, row: BrowserReplay) -> str:
        return filesizeformat(row.stored_bytes)

    @admin.display(description="page")
    def page(self, row: BrowserReplay) -> SafeString:
        return format_html('<a href="{}">Open {}</a>', row.get_absolute_url(), row)

    @admin.action(description="Delete with all they recorded", permissions=["change"])
    def take_away(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        act_on_each(request, rows, delete_recording, "deleted")
