from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tradewatch.errors.models import Event
from tradewatch.projects.scoped_admin import ScopedRecordAdmin


@admin.register(Event)
class EventAdmin(ScopedRecordAdmin):
    list_display = ("event_id", "issue", "severity", "environment", "release", "timestamp")
    list_filter = ("severity", "environment", "project")
    list_select_related = ("issue", "release")
    search_fields = ("=event_id", "=trace_id")
    search_help_text = "event id or trace id"
    ordering = ("-timestamp",)
    date_hierarchy = "timestamp"
    raw_id_fields = ("issue", "release")
    readonly_fields = ("page",)

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        """Nothing of an event can be edited."""

    @admin.display(description="page")
    def page(self, event: Event) -> SafeString:
        issue = reverse("admin:errors_issue_change", args=[event.issue_id])
        return format_html(
            '<a href="{}">Open the event</a> · <a href="{}">its issue</a>', event.get_absolute_url(), issue
        )
