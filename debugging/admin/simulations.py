from django.contrib import admin
from django.utils.safestring import SafeString

from debugging.admin.records import SessionRecordAdmin, json_html
from debugging.models import Simulation


@admin.register(Simulation)
class SimulationAdmin(SessionRecordAdmin):
    """Errors that were sent through the pipeline once more. They are begun on a session's page, or through the API."""

    list_display = ("event_id", "session", "notify", "is_digested", "requested_by", "requested_at")
    list_filter = ("session__project", "notify")
    search_fields = ("event_id", "requested_by", "session__title")
    list_select_related = ("session",)
    hidden = ("changes", "result")
    readonly_fields = ("page", "asked_changes", "what_came")

    @admin.display(description="digested", boolean=True)
    def is_digested(self, row: Simulation) -> bool:
        return row.result is not None

    @admin.display(description="changes")
    def asked_changes(self, row: Simulation) -> SafeString:
        return json_html(row.changes)

    @admin.display(description="result")
    def what_came(self, row: Simulation) -> SafeString | str:
        return "not digested yet" if row.result is None else json_html(row.result)
