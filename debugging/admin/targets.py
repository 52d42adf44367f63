"""Replay targets in the admin, with their secrets: written, replaced and cleared, and never shown."""

import contextlib
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminPasswordWidget

from debugging.models import ReplayTarget, TargetSecret
from debugging.targets.addresses import faults_in_secret
from debugging.targets.services import check_target, clear_secret, delete_target, save_secret, save_target
from tradewatch.core.actors import Actor
from tradewatch.core.admin import refusing
from tradewatch.core.faults import Fault, Unknown
from tradewatch.projects import access
from tradewatch.projects.choices import Scope
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import admin_actor

_LIMITS = ("timeout_seconds", "most_at_once")


class TargetForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """`actor` is set by the admin's `get_form`."""

    actor: Actor

    def clean(self) -> dict[str, Any]:
        """Ask the service's questions, so that each refusal stands beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        for name, value in cleaned.items():
            setattr(self.instance, name, value)
        try:
            check_target(self.actor, self.instance, changed=self.changed_data)
        except Fault as fault:
            named = {name if name in self.fields else "__all__": texts for name, texts in fault.errors.items()}
            raise ValidationError(named or {"__all__": [fault.detail]}) from fault
        return cleaned


class SecretForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A stored secret keeps place and name: its value is replaced, or it is cleared."""

    value = forms.CharField(
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),  # without render_value: never shown
        help_text="Kept encrypted, put into each request, shown nowhere. What you enter replaces what is set.",
    )

    class Meta:
        model = TargetSecret
        fields = ("place", "name", "value")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["value"] = ""
        for name in ("place", "name", "value"):
            self.fields[name].widget.attrs["aria-label"] = f"{name.capitalize()} of the secret"  # a table has no labels
        if self.instance.pk:
            self.fields["place"].disabled = self.fields["name"].disabled = True
            self.fields["value"].widget.attrs["placeholder"] = "One is set: empty keeps it"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or (self.instance.pk and not cleaned.get("value")):
            return cleaned
        faults = faults_in_secret(cleaned["place"], cleaned["name"], cleaned.get("value", ""))
        if faults:
            raise ValidationError(dict(faults))
        return cleaned


class SecretInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    model = TargetSecret
    form = SecretForm
    extra = 0
    ordering = ("place", "name")
    verbose_name = "secret"
    verbose_name_plural = "secrets"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_add_permission(request, obj)) and may_aim(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and may_aim(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_delete_permission(request, obj)) and may_aim(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whoever may only look sees which there are."""
        return ("place", "name", "value") if self.has_change_permission(request, obj) else ("place", "name")


@admin.register(ReplayTarget)
class ReplayTargetAdmin(RuleAdmin):
    """Where captured requests of a project may be sent again. Nothing is sent to what does not stand here."""

    list_display = ("name", "project", "kind", "base_url", "allows_unsafe", "allows_internal", "is_enabled")
    list_filter = ("project", "kind", "is_enabled")
    list_select_related = ("project",)
    search_fields = ("name", "base_url")
    inlines = (SecretInline,)
    fieldsets = (
        (None, {"fields": ("project", "name", "kind", "base_url", "is_enabled")}),
        ("What may be sent", {"fields": ("allows_unsafe", "allows_internal", "verifies_tls")}),
        ("Limits", {"fields": _LIMITS}),
    )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = type("ActorsForm", (TargetForm,), {"actor": admin_actor(request)})
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only an administrator lets replays reach one's own network. A target stays in its project."""
        own = () if _is_administrator(request) else ("allows_internal",)
        return (*own, "project") if obj is not None else own

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_aim(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_aim(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        was_in = obj.project_id if change else None
        with refusing(request):
            saved = save_target(admin_actor(request), obj, was_in=was_in, changed=form.changed_data, now=timezone.now())
        if saved.cleared:
            names = ", ".join(f"{place} {name}" for place, name in saved.cleared)
            told = f"The address leads elsewhere now, so the target's secrets were cleared: {names}. Set them anew."
            messages.warning(request, told)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The formset only says what was changed: the services write."""
        formset.save(commit=False)
        actor, target = admin_actor(request), form.instance
        with refusing(request):
            for row in formset.deleted_objects:
                with contextlib.suppress(Unknown):  # went with the address that was changed beside it
                    clear_secret(actor, target, row.place, row.name)
            changed = [row for row, fields in formset.changed_objects if "value" in fields]
            for row in (*changed, *formset.new_objects):
                save_secret(actor, target, row.place, row.name, row.value)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with refusing(request):
            delete_target(admin_actor(request), obj)


def may_aim(request: HttpRequest, target: ReplayTarget | None) -> bool:
    """Return whether the person may change it: one that reaches one's own network only as an administrator."""
    return target is None or not target.allows_internal or _is_administrator(request)


def _is_administrator(request: HttpRequest) -> bool:
    return access.may_everywhere(admin_actor(request), scope=Scope.ADMIN)
