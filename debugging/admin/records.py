"""What all records of a session share in the admin: the project they belong to, JSON cut to what a page can hold."""

from typing import Any

import orjson
from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tradewatch.projects.scoped_admin import ScopedRecordAdmin

LONGEST_JSON = 4000


class SessionRecordAdmin(ScopedRecordAdmin):
    """`hidden` names fields that nobody sees here: they may name secrets, or are shown in another way."""

    project_path = "session__project_id"
    hidden: tuple[str, ...] = ()
    date_hierarchy = "requested_at"
    ordering = ("-id",)
    readonly_fields: tuple[str, ...] = ("page",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name not in self.hidden]

    def get_exclude(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return self.hidden

    @admin.display(description="page")
    def page(self, row: Any) -> SafeString:
        return format_html('<a href="{}">Open {}</a>', row.session.get_absolute_url(), row.session.name)


def json_html(value: Any) -> SafeString:
    """Return a value as text, cut where it would fill the page: the API has the whole."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()
    if len(text) > LONGEST_JSON:
        text = f"{text[:LONGEST_JSON]}\n… {len(text) - LONGEST_JSON:,} more characters: GET /debug/session/ID"
    return format_html('<pre class="json-text text-xs">{}</pre>', text)
