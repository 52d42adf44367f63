"""The audit trail in the admin: read, searched, and taken along as CSV or JSON lines."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from tradewatch.core import audit
from tradewatch.core.csv_cells import csv_lines
from tradewatch.core.models import AuditEntry
from tradewatch.core.streaming import streamed_file
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, admin_actor

COLUMNS = (
    *("id", "at", "actor_kind", "actor_id", "actor_label", "address", "action", "object_type", "object_id"),
    *("object_label", "project_id", "changes"),
)
ROWS_A_STEP = 500


@admin.register(AuditEntry)
class AuditEntryAdmin(ScopedRecordAdmin):
    """Entries of no project (people, tokens for all) are a superuser's to read."""

    list_display = ("at", "actor_label", "action", "object_label", "object_type", "address")
    list_filter = ("action", "actor_kind", "object_type")
    search_fields = ("actor_label", "object_label")
    date_hierarchy = "at"
    actions = ("export_csv", "export_json")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_csv(self, request: HttpRequest, rows: QuerySet[AuditEntry]) -> StreamingHttpResponse:
        return self._file(request, rows, csv_lines(COLUMNS, csv_rows(rows)), "text/csv; charset=utf-8", "csv")

    @admin.action(description="Export as JSON lines", permissions=["view"])
    def export_json(self, request: HttpRequest, rows: QuerySet[AuditEntry]) -> StreamingHttpResponse:
        return self._file(request, rows, json_lines(rows), "application/x-ndjson", "jsonl")

    def _file(
        self, request: HttpRequest, rows: QuerySet[AuditEntry], lines: Iterator[str], kind: str, ending: str
    ) -> StreamingHttpResponse:
        """That somebody took the trail along stands in it too."""
        newest = rows.order_by("-pk").first()
        if newest is not None:
            audit.record(admin_actor(request), "audit.export", newest, changes={"entries": [None, rows.count()]})
        name = f"audit-{timezone.now():%Y%m%d-%H%M}.{ending}"
        return streamed_file(request, lines, name=name, content_type=kind)


def csv_rows(rows: QuerySet[AuditEntry]) -> Iterator[Sequence[object]]:
    """Yield the cells of each entry, the oldest first. `changes` is JSON in its cell."""
    for values in _values(rows):
        changes = json.dumps(values["changes"], cls=DjangoJSONEncoder, sort_keys=True)
        cells = {**values, "at": values["at"].isoformat(), "changes": changes}
        yield [cells[name] for name in COLUMNS]


def json_lines(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """Yield one JSON object a line, the oldest entry first."""
    for values in _values(rows):
        yield json.dumps(values, cls=DjangoJSONEncoder) + "\n"


def _values(rows: QuerySet[AuditEntry]) -> Iterator[dict[str, Any]]:
    yield from rows.order_by("pk").values(*COLUMNS).iterator(chunk_size=ROWS_A_STEP)
