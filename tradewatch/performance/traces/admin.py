"""What a project expects of its transactions, in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tradewatch.core.admin import refusing
from tradewatch.performance.models import PerformanceSettings
from tradewatch.performance.traces.expecting import LIMITS
from tradewatch.performance.traces.services import save_expectations
from tradewatch.projects.models import Project
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import admin_actor


@admin.register(PerformanceSettings)
class PerformanceSettingsAdmin(RuleAdmin):
    """One row a project; without one the defaults hold, so that deleting it is going back to them."""

    list_display = ("project", "apdex_seconds", "latency_thresholds")
    list_select_related = ("project",)
    fieldsets = (
        (None, {"fields": ("project", "apdex_seconds", "latency_thresholds")}),
        ("What is found in traces", {"fields": tuple(LIMITS)}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Let a link name the project by its slug: `?project=default`."""
        named = request.GET.get("project", "")
        return {"project": Project.objects.filter(slug=named).values_list("pk", flat=True).first()} if named else {}

    def get_readonly_fields(self, request: HttpRequest, obj: PerformanceSettings | None = None) -> tuple[str, ...]:
        return ("project",) if obj else ()  # it is the key: another one would be another row

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changes = {name: [form.initial.get(name), form.cleaned_data[name]] for name in form.changed_data}
        changes.pop("project", None)
        with refusing(request):
            save_expectations(admin_actor(request), obj, changes=changes)
