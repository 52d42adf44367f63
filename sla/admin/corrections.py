"""Corrections in the admin: added with a reason, then read-only; withdrawn, never deleted."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from sla.models import Correction, Target
from sla.services.corrections import add_correction, faults_in_correction, withdraw_correction
from tradewatch.core.admin import refusing
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.scoped_admin import ScopedAdmin, act_on_each, admin_actor

WRITTEN = ("project", "target", "environment", "kind", "starts_at", "ends_at", "reason")
KNOWN = ("actor", "created_at", "withdrawn_at", "withdrawn_by", "source_key")


class CorrectionForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Correction
        fields = WRITTEN

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or self.instance.pk:  # nothing of a stored one can be edited
            return cleaned
        row = Correction(**{name: cleaned.get(name) for name in WRITTEN})
        if faults := faults_in_correction(row):
            raise ValidationError({name if name in self.fields else "__all__": texts for name, texts in faults.items()})
        return cleaned


class InForceFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in_force", "In force"), ("withdrawn", "Withdrawn")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Correction]) -> QuerySet[Correction]:
        if self.value() not in ("in_force", "withdrawn"):
            return queryset
        return queryset.filter(withdrawn_at__isnull=self.value() == "in_force")


@admin.register(Correction)
class CorrectionAdmin(ScopedAdmin):
    form = CorrectionForm
    list_display = ("kind", "project", "about", "starts_at", "ends_at", "reason", "actor", "withdrawn_at")
    list_filter = (InForceFilter, "kind", "project")
    list_select_related = ("project", "target")
    search_fields = ("reason", "actor", "target__metric_name")
    date_hierarchy = None
    actions = ("withdraw",)
    actions_detail = ("withdraw_it", "open_target")

    def get_fields(self, request: HttpRequest, obj: Correction | None = None) -> tuple[str, ...]:
        return (*WRITTEN, *KNOWN) if obj else WRITTEN

    def get_readonly_fields(self, request: HttpRequest, obj: Correction | None = None) -> tuple[str, ...]:
        return (*WRITTEN, *KNOWN) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return bool(
            may
            and (obj is None or access.may(admin_actor(request), obj.project_id, Role.MANAGER, scope=Scope.SLA_WRITE))
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        visible = access.visible_projects(admin_actor(request))
        if db_field.name == "project":
            kwargs["queryset"] = visible
        if db_field.name == "target":
            kwargs["queryset"] = Target.objects.filter(project__in=visible, archived_at=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Correction, form: Any, change: bool) -> None:
        if change:
            return
        values = {name: form.cleaned_data[name] for name in WRITTEN if name != "project"}
        with refusing(request):
            obj.pk = add_correction(admin_actor(request), obj.project, **values).pk

    @admin.display(description="of")
    def about(self, row: Correction) -> str:
        what = row.target.metric_name if row.target else "every target"
        return f"{what}, {row.environment}" if row.environment else what

    @admin.action(description="Withdraw: its time counts again", permissions=["change"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Correction]) -> None:
        act_on_each(request, rows, partial(withdraw_correction, now=timezone.now()), "withdrawn")

    @action(description="Withdraw", url_path="withdraw")
    def withdraw_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self._visible(request, object_id)
        self.withdraw(request, Correction.objects.filter(pk=row.pk))
        return HttpResponseRedirect(reverse("admin:sla_correction_change", args=[row.pk]))

    @action(description="Open its target", url_path="target")
    def open_target(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self._visible(request, object_id)
        return HttpResponseRedirect(row.target.get_absolute_url() if row.target else "/sla")

    def _visible(self, request: HttpRequest, object_id: int) -> Correction:
        row: Correction | None = self.get_queryset(request).filter(pk=object_id).first()
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        return row
