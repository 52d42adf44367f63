from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from debugging.admin.storage import StorageShown
from debugging.models import ErrorContext
from tradewatch.projects.scoped_admin import ScopedRecordAdmin


@admin.register(ErrorContext)
class ErrorContextAdmin(StorageShown, ScopedRecordAdmin):
    """Captured errors. Their documents are read on a session's page: one is opened on them from the debugging page."""

    list_display = ("title", "environment", "project", "release", "issue", "captured_by", "captured_at")
    list_filter = ("project", "environment")
    search_fields = ("title", "exception_type", "culprit", "trace_id")
    list_select_related = ("project", "issue")
    ordering = ("-captured_at", "-id")
    date_hierarchy = "captured_at"
    exclude = ("data", "hashes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErrorContext]:
        rows: QuerySet[ErrorContext] = super().get_queryset(request).defer("data")
        return rows

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name not in self.exclude]  # type: ignore[arg-type]  # a model there
