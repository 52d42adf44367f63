"""What the page of a session in the admin lists beside its fields. Read-only: the services write them."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline

from debugging.models import SessionEntry, SessionStep


class ReadOnlyInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    extra = max_num = 0
    can_delete = False
    per_page = 30
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StepInline(ReadOnlyInline):
    model = SessionStep
    fields = readonly_fields = ("key", "finding", "summary", "state", "note", "by", "at")
    ordering = ("position",)
    verbose_name_plural = "steps"


class EntryInline(ReadOnlyInline):
    model = SessionEntry
    fields = readonly_fields = ("at", "kind", "text", "actor_label")
    ordering = ("-id",)
    verbose_name_plural = "trail"
