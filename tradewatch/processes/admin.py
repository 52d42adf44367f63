"""Erasing a person in the admin: asked for by a form, done by a process of its own, told by its report."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from tradewatch.core.actors import Actor
from tradewatch.core.admin import refusing
from tradewatch.core.faults import Fault
from tradewatch.processes.erasing.columns import walks
from tradewatch.processes.erasing.services import ask_for_erasure, check_asked, stop_erasure
from tradewatch.processes.erasing.telling import report_text
from tradewatch.processes.models import Erasure
from tradewatch.projects import access
from tradewatch.projects.models import Project
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each, admin_actor

_ASKED = ("user_id", "email", "is_dry_run", "confirmed")


def _words(label: str, help_text: str) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
    return forms.CharField(required=False, max_length=320, label=label, help_text=help_text, widget=widget)


class ErasureForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """`actor` is set by the admin's `get_form`. Nothing of what is typed here is stored but encrypted."""

    actor: Actor
    user_id = _words("User id", "As the application sends it: the id of its user.")
    email = _words("E-mail", "Instead of the id, or with it.")
    confirmed = _words(
        "Confirm", "Type the user id again, or the e-mail where there is no id. What is erased cannot be brought back."
    )

    class Meta:
        model = Erasure
        fields = ("project", "is_dry_run")
        help_texts = {"project": "Empty: in all projects.", "is_dry_run": "Count what there is and change nothing."}
        labels = {"is_dry_run": "Only look"}

    def clean(self) -> dict[str, Any]:
        """Ask the service's questions, so that each refusal stands beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            check_asked(self.actor, project=cleaned["project"], **{name: cleaned[name] for name in _ASKED})
        except Fault as fault:
            raise ValidationError(fault.errors or {"project": [fault.detail]}) from fault
        return cleaned


@admin.register(Erasure)
class ErasureAdmin(ScopedRecordAdmin):
    """Persons that were erased, each told by a keyed hash alone, and those that are being."""

    list_display = ("__str__", "project", "state", "is_dry_run", "asked_by", "asked_at", "ended_at", "rows")
    list_filter = ("project", "state", "is_dry_run")
    search_fields = ("person_hash", "asked_by")
    list_select_related = ("project",)
    ordering = ("-id",)
    actions = ("stop",)
    fields = ("project", "state", "is_dry_run", "asked_by", "asked_at", "started_at", "ended_at", "person_hash",
              "how_far", "fault", "told")  # fmt: skip
    readonly_fields = ("how_far", "told")
    add_fields = ("project", "user_id", "email", "is_dry_run", "confirmed")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("processes.add_erasure")

    def get_fields(self, request: HttpRequest, obj: Erasure | None = None) -> Any:
        return self.add_fields if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [] if obj is None else super().get_readonly_fields(request, obj)

    def get_form(self, request: HttpRequest, obj: Erasure | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        made = super().get_form(request, obj, change, form=ErasureForm, fields=("project", "is_dry_run"))
        made.actor = admin_actor(request)
        made.base_fields["project"].queryset = access.visible_projects(made.actor)
        return made

    def save_model(self, request: HttpRequest, obj: Erasure, form: Any, change: bool) -> None:
        asked = {name: form.cleaned_data[name] for name in _ASKED}
        with refusing(request):
            made = ask_for_erasure(
                admin_actor(request), project=form.cleaned_data["project"], now=timezone.now(), **asked
            )
        obj.__dict__.update(made.__dict__)

    @admin.display(description="rows")
    def rows(self, erasure: Erasure) -> str:
        if not erasure.report:
            return ""
        return f"{sum(each['rows'] for name in ('changed', 'deleted') for each in erasure.report[name]):,}"

    @admin.display(description="how far")
    def how_far(self, erasure: Erasure) -> str:
        if not erasure.is_open:
            return erasure.get_state_display()
        progress = erasure.progress
        if not progress:
            return "It begins within 15 seconds."
        labels = [walk.label for walk in walks(erasure.project_id)]
        at = labels.index(progress["label"]) if progress["label"] in labels else 0
        looked = progress["found"]["looked_at"]
        return (
            f"{progress['phase']}: table {at + 1} of {len(labels)} ({progress['label'] or labels[0]}), {looked:,} rows"
        )

    @admin.display(description="report")
    def told(self, erasure: Erasure) -> SafeString | str:
        if not erasure.report:
            return "There is one when it is done."
        text = report_text(erasure.report, dict(Project.objects.values_list("id", "name")))
        return format_html('<pre class="whitespace-pre-wrap text-xs">{}</pre>', text)

    @admin.action(description="Stop", permissions=["add"])
    def stop(self, request: HttpRequest, rows: QuerySet[Erasure]) -> None:
        act_on_each(request, rows, lambda actor, row: stop_erasure(actor, row, now=timezone.now()), "stopped")
