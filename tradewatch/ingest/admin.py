"""The relay in the admin: what each project relays, and how the upstreams do."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminPasswordWidget

from tradewatch.core.admin import refusing
from tradewatch.core.faults import Fault
from tradewatch.ingest.models import RATES, RelaySettings, RelayUpstream
from tradewatch.ingest.relay.choices import RelayKind
from tradewatch.ingest.relay.services import check_settings, delete_settings, save_settings, try_again
from tradewatch.projects import access
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import Project
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each, admin_actor


class RelaySettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A DSN holds a key: the one that is stored is never shown, and an empty field leaves it."""

    actor: Any = None
    kinds = forms.MultipleChoiceField(
        choices=RelayKind.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What is relayed.",
    )
    dsn = forms.CharField(
        label="own upstream",
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="A DSN, instead of the one that SENTRY_DSN names. Empty leaves what is stored.",
    )
    forgets_dsn = forms.BooleanField(label="forget the own upstream", required=False)

    class Meta:
        model = RelaySettings
        fields = ("project", "is_enabled", "kinds", *RATES, "dsn", "allows_internal")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        stored = self.instance.dsn if self.instance.pk else ""
        values["dsn"] = "" if values.get("forgets_dsn") else values.get("dsn") or stored
        return values

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook: it builds the instance
        if self.errors or self.actor is None:
            return
        try:
            check_settings(self.actor, self.instance, changed=self.changed_fields)
        except Fault as fault:
            for name, texts in (fault.errors or {"__all__": [fault.detail]}).items():
                self.add_error(name if name in self.fields else None, ValidationError(texts))

    @property
    def changed_fields(self) -> list[str]:
        changed = [name for name in self.changed_data if name not in ("forgets_dsn", "project")]
        if "forgets_dsn" in self.changed_data and "dsn" not in changed:
            changed.append("dsn")
        return changed


@admin.register(RelaySettings)
class RelaySettingsAdmin(RuleAdmin):
    """One row a project; without one the defaults hold, so that deleting it is going back to them."""

    form = RelaySettingsForm
    list_display = ("project", "is_enabled", "shown_kinds", "error_sample_rate", "trace_sample_rate", "upstream")
    list_select_related = ("project",)
    fieldsets = (
        (None, {"fields": ("project", "is_enabled", "kinds", *RATES)}),
        ("Upstream", {"fields": ("dsn", "forgets_dsn", "allows_internal")}),
    )

    @admin.display(description="kinds")
    def shown_kinds(self, row: RelaySettings) -> str:
        return ", ".join(row.kinds)

    @admin.display(description="upstream")
    def upstream(self, row: RelaySettings) -> str:
        if row.has_own_upstream and not row.dsn:
            return "its own, which cannot be read: enter it again"
        return "its own" if row.dsn else "SENTRY_DSN"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Let a link name the project by its slug: `?project=default`."""
        named = request.GET.get("project", "")
        return {"project": Project.objects.filter(slug=named).values_list("pk", flat=True).first()} if named else {}

    def get_readonly_fields(self, request: HttpRequest, obj: RelaySettings | None = None) -> tuple[str, ...]:
        key = ("project",) if obj else ()  # another one would be another row
        may = access.may_everywhere(admin_actor(request), scope=Scope.ADMIN)
        return key if may else (*key, "allows_internal")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.actor = admin_actor(request)
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changes = {name: [form.initial.get(name), form.cleaned_data.get(name)] for name in form.changed_fields}
        with refusing(request):
            save_settings(admin_actor(request), obj, changes=changes)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        with refusing(request):
            delete_settings(admin_actor(request), obj)  # type: ignore[arg-type]


@admin.register(RelayUpstream)
class RelayUpstreamAdmin(ScopedRecordAdmin):
    """How upstreams do. The one of SENTRY_DSN is an administrator's; a project's own its managers'."""

    project_path = "id"
    list_display = ("__str__", "state", "since", "entries", "size", "next_at", "detail")
    actions = ("try_now",)

    @admin.action(description="Try again now", permissions=["change"])
    def try_now(self, request: HttpRequest, rows: QuerySet[RelayUpstream]) -> None:
        now = timezone.now()
        act_on_each(request, rows, lambda actor, row: try_again(actor, row, now=now), "tried again at once")
