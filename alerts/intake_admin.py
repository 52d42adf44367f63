"""Sources of alerts in the admin: how their labels are read, and a key that is shown once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from alerts.models import IntakeSource
from alerts.services.intake_sources import check_source, give_new_key
from tradewatch.core.faults import Fault, Invalid
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import admin_actor
from tradewatch.projects.services.rules import save_rule


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.severity_map = cleaned.get("severity_map") or {}
        try:
            check_source(self.instance)
        except Invalid as fault:
            raise ValidationError(fault.errors) from fault
        return cleaned


@admin.register(IntakeSource)
class IntakeSourceAdmin(RuleAdmin):
    form = SourceForm
    list_display = ("name", "project", "prefix", "is_enabled", "category", "last_used_at")
    list_filter = ("is_enabled", "project")
    list_select_related = ("project",)
    search_fields = ("name",)
    actions = ("replace_key",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        key = "" if change else give_new_key(obj)
        super().save_model(request, obj, form, change)
        if key:
            messages.success(request, f"The key, shown this once: {key}")

    @admin.action(description="Replace the key", permissions=["change"])
    def replace_key(self, request: HttpRequest, sources: QuerySet[IntakeSource]) -> None:
        for source in sources:
            key = give_new_key(source)
            try:
                save_rule(admin_actor(request), source, was_in=source.project_id, changes={"key": ["", "replaced"]})
            except Fault as fault:
                raise PermissionDenied(fault.detail) from fault
            messages.success(request, f"The new key of {source}, shown this once: {key}")
