"""Deployments and what a project wants done about them, in the admin."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.choices import Verdict
from releases.commits.admin import CommitAdmin as CommitAdmin
from releases.commits.admin import RepositoryAdmin as RepositoryAdmin
from releases.deployments.asked import Start, faults_in
from releases.deployments.services import complete_deployment, start_deployment
from releases.details.admin import ReleaseArtifactAdmin as ReleaseArtifactAdmin
from releases.details.admin import ReleaseDetailAdmin as ReleaseDetailAdmin
from releases.gate import admin as gate_admin  # noqa: F401  # registers its own
from releases.looks_inline import LookInline
from releases.models import Deployment
from releases.rollbacks.admin import RollbackAdmin as RollbackAdmin
from releases.settings_admin import ReleaseSettingsAdmin as ReleaseSettingsAdmin
from tradewatch.core.actors import Actor
from tradewatch.core.admin import refusing
from tradewatch.projects.access import visible_projects
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each, admin_actor

_BADGES = {Verdict.HEALTHY: "ok", Verdict.UNHEALTHY: "bad", Verdict.INSUFFICIENT: "hollow"}
_SAID = ("environment", "version", "commit", "ref", "url", "deployed_by")


class StartForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What CI would say; the service's refusals stand beside their fields."""

    url = forms.CharField(required=False, max_length=500, label="URL", help_text="Of the pipeline.")
    deployed_by = forms.CharField(required=False, max_length=200, help_text="Empty: you.")

    class Meta:
        model = Deployment
        fields = ("project", *_SAID)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        found = faults_in(start_of(cleaned))
        if errors := {name: list(texts) for name, texts in found.items() if name in cleaned}:
            raise ValidationError(errors)
        return cleaned


def start_of(values: dict[str, Any]) -> Start:
    return Start(**{name: values.get(name) or "" for name in _SAID})


@admin.register(Deployment)
class DeploymentAdmin(ScopedRecordAdmin):
    """Started here by hand, or by CI; an end is told once, by the actions."""

    list_display = (
        *("version", "environment", "project", "state", "verdict_badge"),
        *("deployed_by", "started_at", "finished_at"),
    )
    list_filter = ("project", "state", "verdict", "environment")
    search_fields = ("version", "commit", "deployed_by")
    list_select_related = ("project",)
    ordering = ("-started_at", "-id")
    date_hierarchy = "started_at"
    actions = ("complete_as_succeeded", "complete_as_failed")
    inlines = (LookInline,)

    @admin.display(description="verdict", ordering="verdict")
    def verdict_badge(self, row: Deployment) -> SafeString | str:
        if not row.verdict:
            return "–"
        return format_html('<span class="badge {}">{}</span>', _BADGES[Verdict(row.verdict)], row.get_verdict_display())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("releases.add_deployment")

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj else ()  # of one that is yet to start there is nothing to show

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if change else {"form": StartForm}), **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_readonly_fields(request, obj) if obj else ("project", *_SAID)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "project":
            kwargs["queryset"] = visible_projects(admin_actor(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Deployment, form: Any, change: bool) -> None:
        if change:
            return
        with refusing(request):
            started = start_deployment(
                admin_actor(request), obj.project, start_of(form.cleaned_data), now=timezone.now()
            )
        obj.pk = started.deployment.pk
        obj.refresh_from_db()

    @admin.action(description="Complete: succeeded", permissions=["change"])
    def complete_as_succeeded(self, request: HttpRequest, rows: QuerySet[Deployment]) -> None:
        act_on_each(request, rows, partial(_complete, success=True), "completed as succeeded")

    @admin.action(description="Complete: failed", permissions=["change"])
    def complete_as_failed(self, request: HttpRequest, rows: QuerySet[Deployment]) -> None:
        act_on_each(request, rows, partial(_complete, success=False), "completed as failed")


def _complete(actor: Actor, row: Deployment, *, success: bool) -> None:
    complete_deployment(actor, row.pk, success=success, now=timezone.now())
