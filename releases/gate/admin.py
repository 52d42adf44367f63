"""Freezes, deployment windows, overrides and what the gate said, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.choices import Decision
from releases.gate.asked import FreezeAsked, OverrideAsked, faults_in_freeze, faults_in_override
from releases.gate.services import add_freeze, cancel_freeze, override_gate, withdraw_override
from releases.models import DeploymentWindow, Freeze, GateAnswer, GateOverride
from tradewatch.core.actors import Actor
from tradewatch.core.admin import refusing
from tradewatch.projects.access import visible_projects
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each, admin_actor

FREEZE_SAID = ("name", "environment", "starts_at", "ends_at", "zone", "reason")
OVERRIDE_SAID = ("environment", "version", "reason")
_BADGES = {Decision.GO: "ok", Decision.WARN: "warning", Decision.NO_GO: "bad"}


class FreezeForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Its times are UTC here; `/releases/freezes/new` takes those of a zone."""

    class Meta:
        model = Freeze
        fields = ("project", *FREEZE_SAID)
        labels = {"starts_at": "From, UTC", "ends_at": "Until, UTC"}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.instance.pk:
            _refuse(self, faults_in_freeze(freeze_of(cleaned), now=timezone.now()))
        return cleaned


class OverrideForm(forms.ModelForm):  # type: ignore[type-arg]
    minutes = forms.IntegerField(min_value=1, max_value=1440, initial=60, help_text="How long it holds.")

    class Meta:
        model = GateOverride
        fields = ("project", *OVERRIDE_SAID)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            _refuse(self, faults_in_override(override_of(cleaned)))
        return cleaned


def freeze_of(values: dict[str, Any]) -> FreezeAsked:
    return FreezeAsked(**{name: values[name] for name in FREEZE_SAID})


def override_of(values: dict[str, Any]) -> OverrideAsked:
    return OverrideAsked(values["environment"], values["reason"], values["minutes"], values["version"])


def _refuse(form: Any, faults: Any) -> None:
    if found := {name: list(texts) for name, texts in faults.items()}:
        raise ValidationError(found)


@admin.register(Freeze)
class FreezeAdmin(RuleAdmin):
    """Added and cancelled, never edited: what held is not rewritten."""

    form = FreezeForm
    list_display = ("name", "project", "environment", "starts_at", "ends_at", "cancelled_at", "created_by")
    list_filter = ("project", "environment")
    list_select_related = ("project",)
    search_fields = ("name", "reason")
    ordering = ("-starts_at", "-id")
    actions = ("cancel",)

    def get_fields(self, request: HttpRequest, obj: Freeze | None = None) -> tuple[str, ...]:
        return ("project", *FREEZE_SAID, "created_by", "cancelled_at") if obj else ("project", *FREEZE_SAID)

    def get_readonly_fields(self, request: HttpRequest, obj: Freeze | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            return
        with refusing(request):
            asked = freeze_of(form.cleaned_data)
            obj.pk = add_freeze(admin_actor(request), obj.project, asked, now=timezone.now()).pk

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Freeze]) -> None:
        act_on_each(request, rows, _cancel, "cancelled")


@admin.register(DeploymentWindow)
class DeploymentWindowAdmin(RuleAdmin):
    list_display = ("name", "project", "environment", "rule", "calendar", "decision", "is_enabled")
    list_filter = ("project", "rule", "is_enabled")
    list_select_related = ("project",)
    search_fields = ("name",)


@admin.register(GateOverride)
class GateOverrideAdmin(ScopedRecordAdmin):
    list_display = (
        "version",
        "environment",
        "project",
        "reason",
        "created_by",
        "created_at",
        "ends_at",
        "withdrawn_at",
    )
    list_filter = ("project", "environment")
    list_select_related = ("project",)
    search_fields = ("version", "reason", "created_by")
    ordering = ("-created_at", "-id")
    actions = ("withdraw",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("releases.add_gateoverride")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if obj else {"form": OverrideForm}), **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ("project", *OVERRIDE_SAID, "minutes")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "project":
            kwargs["queryset"] = visible_projects(admin_actor(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: GateOverride, form: Any, change: bool) -> None:
        if change:
            return
        with refusing(request):
            row = override_gate(admin_actor(request), obj.project, override_of(form.cleaned_data), now=timezone.now())
        obj.pk = row.pk
        obj.refresh_from_db()

    @admin.action(description="Withdraw", permissions=["change"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[GateOverride]) -> None:
        act_on_each(request, rows, _withdraw, "withdrawn")


@admin.register(GateAnswer)
class GateAnswerAdmin(ScopedRecordAdmin):
    """What the gate said to whoever asked in earnest."""

    list_display = ("asked_at", "said", "environment", "version", "project", "asked_by")
    list_filter = ("decision", "project", "environment")
    list_select_related = ("project",)
    search_fields = ("version", "asked_by")
    ordering = ("-asked_at", "-id")
    date_hierarchy = "asked_at"

    @admin.display(description="decision", ordering="decision")
    def said(self, row: GateAnswer) -> SafeString:
        badge = _BADGES[Decision(row.decision)]
        return format_html('<span class="badge {}">{}</span>', badge, row.get_decision_display())


def _cancel(actor: Actor, row: Freeze) -> None:
    cancel_freeze(actor, row.pk, now=timezone.now())


def _withdraw(actor: Actor, row: GateOverride) -> None:
    withdraw_override(actor, row.pk, now=timezone.now())
