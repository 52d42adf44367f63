"""What a project wants done about its deployments, in the admin. The webhook's secret is shown once, when made."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from alerts.channels.http import fault_in_url
from releases.models import ReleaseSettings
from releases.rollbacks.webhook import keys_of, replace_secret
from releases.settings_services import save_release_settings
from tradewatch.core.admin import faults_as_messages, refusing
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import admin_actor


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = ReleaseSettings
        fields = ("project", "excludes_deployments", "rollback_url")

    def clean_rollback_url(self) -> str:
        url: str = self.cleaned_data["rollback_url"]
        if url and (fault := fault_in_url(url)):
            raise ValidationError(fault)
        return url


@admin.register(ReleaseSettings)
class ReleaseSettingsAdmin(RuleAdmin):
    """One row a project; without one the defaults hold, so that deleting it is going back to them."""

    form = SettingsForm
    list_display = ("project", "excludes_deployments", "tells_ci")
    list_select_related = ("project",)
    fields = ("project", "excludes_deployments", "rollback_url")
    actions = ("new_secret",)

    @admin.display(description="tells CI of rollbacks", boolean=True)
    def tells_ci(self, row: ReleaseSettings) -> bool:
        return bool(row.rollback_url and keys_of(row))

    def get_readonly_fields(self, request: HttpRequest, obj: ReleaseSettings | None = None) -> tuple[str, ...]:
        return ("project",) if obj else ()  # it is the key: another one would be another row

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changes = {name: [form.initial.get(name), form.cleaned_data[name]] for name in form.changed_data}
        changes.pop("project", None)
        if "rollback_url" in changes:  # what follows the ? may be a credential
            changes["rollback_url"] = [str(each or "").partition("?")[0] for each in changes["rollback_url"]]
        with refusing(request):
            made = save_release_settings(admin_actor(request), obj, changes=changes)
        _show_once(request, made)

    @admin.action(description="Make a new webhook secret, and let both sign", permissions=["change"])
    def new_secret(self, request: HttpRequest, rows: QuerySet[ReleaseSettings]) -> None:
        for row in rows:
            with faults_as_messages(request):
                _show_once(request, replace_secret(admin_actor(request), row))


def _show_once(request: HttpRequest, secret: str) -> None:
    if secret:
        messages.success(request, f"Secret of the rollback webhook, shown this once, for the receiver: {secret}")
