"""What the page of a session in the admin lists beside its fields. Read-only: the services write them."""

from debugging.models import SessionEntry, SessionStep
from tradewatch.core.admin import ReadOnlyInline


class StepInline(ReadOnlyInline):
    per_page = 30
    model = SessionStep
    fields = readonly_fields = ("key", "finding", "summary", "state", "note", "by", "at")
    ordering = ("position",)
    verbose_name_plural = "steps"


class EntryInline(ReadOnlyInline):
    per_page = 30
    model = SessionEntry
    fields = readonly_fields = ("at", "kind", "text", "actor_label")
    ordering = ("-id",)
    verbose_name_plural = "trail"
