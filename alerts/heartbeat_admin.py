"""Heartbeats in the admin: schedule, grace, the ping URL and how to use it, history, pause and resume."""

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from alerts.heartbeats.services import check, pause, plan_again, resume, schedule_words
from alerts.models import Heartbeat, HeartbeatEntry
from tradewatch.core.admin import ReadOnlyInline
from tradewatch.core.faults import Invalid
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import act_on_each

ENTRIES_SHOWN = 30


class HeartbeatForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        for name, value in cleaned.items():
            setattr(self.instance, name, value)
        try:
            check(self.instance)
        except Invalid as fault:
            raise ValidationError(fault.errors) from fault
        return cleaned


class EntryInline(ReadOnlyInline):
    model = HeartbeatEntry
    fields = ("at", "kind", "exit_code", "seconds", "late_seconds", "body")
    readonly_fields = fields
    per_page = ENTRIES_SHOWN


@admin.register(Heartbeat)
class HeartbeatAdmin(RuleAdmin):
    form = HeartbeatForm
    list_display = ("name", "project", "environment", "state", "schedule", "arrived_at", "expected_at")
    list_filter = ("state", "schedule_kind", "project")
    list_select_related = ("project",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("page", "ping_url", "state", "arrived_at", "expected_at", "running_since", "fault")
    inlines = (EntryInline,)
    actions = ("pause", "resume")

    @admin.display(description="schedule")
    def schedule(self, row: Heartbeat) -> str:
        return schedule_words(row)

    @admin.display(description="page")
    def page(self, row: Heartbeat) -> SafeString | str:
        return format_html('<a href="{}">Open its page</a>', row.get_absolute_url()) if row.pk else "Once it is saved."

    @admin.display(description="ping URL")
    def ping_url(self, row: Heartbeat) -> SafeString | str:
        return format_html("<code>{}</code>", ping_url_of(row)) if row.pk else "Once it is saved."

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            plan_again(obj, now=timezone.now())
        super().save_model(request, obj, form, change)

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Heartbeat]) -> None:
        act_on_each(request, rows, partial(pause, now=timezone.now()), "paused")

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Heartbeat]) -> None:
        act_on_each(request, rows, partial(resume, now=timezone.now()), "resumed")


def ping_url_of(row: Heartbeat) -> str:
    return f"{settings.PUBLIC_URL}/ping/{row.ping_key}"
