"""Schedules of reports in the admin: who gets what and when, a preview, send now; kept reports and closed periods to
read."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from sla.models import ClosedPeriod, Report, ReportMailing, ReportSchedule
from sla.reports.schedules.services import delete_schedule, faults_in, last_period, save_schedule, send_now
from tradewatch.core.admin import ReadOnlyInline, faults_as_messages, refusing
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, admin_actor

SENT_SHOWN = 20


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    formats = forms.MultipleChoiceField(
        choices=[(form, form.upper()) for form in ("pdf", "csv", "html", "json")],
        initial=["pdf", "csv"],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Attached to each mail; the finding and the targets stand in the mail itself.",
    )
    addresses = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One a line. Whoever is named here gets the project's figures without a login.",
    )

    class Meta:
        model = ReportSchedule
        fields = ("name", "project", "cadence", "at", "zone", "market", "formats", "people", "addresses", "is_enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "addresses" in self.fields:
            self.initial["addresses"] = "\n".join(self.instance.addresses)

    def clean_addresses(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["addresses"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        for name, value in cleaned.items():
            if name != "people":
                setattr(self.instance, name, value)
        if errors := faults_in(self.instance, cleaned.get("people") or ()):
            raise ValidationError({name if name in self.fields else "__all__": texts for name, texts in errors.items()})
        return cleaned


class MailingInline(ReadOnlyInline):
    model = ReportMailing
    fields = ("due_at", "period", "report", "sent_at", "attempts", "fault", "asked_by")
    readonly_fields = fields
    per_page = SENT_SHOWN
    verbose_name_plural = "sent"


@admin.register(ReportSchedule)
class ReportScheduleAdmin(RuleAdmin):
    form = ScheduleForm
    list_display = ("name", "project", "cadence", "at", "zone", "market", "is_enabled", "next_due_at")
    list_filter = ("cadence", "is_enabled", "project")
    list_select_related = ("project",)
    search_fields = ("name",)
    filter_horizontal = ("people",)
    readonly_fields = ("next_due_at",)
    inlines = (MailingInline,)
    actions_detail = ("preview", "send_it", "open_page")
    fieldsets = (
        (None, {"fields": ("name", "project", "is_enabled", "next_due_at")}),
        ("When", {"fields": ("cadence", "at", "zone", "market")}),
        ("Who gets it", {"fields": ("people", "addresses", "formats")}),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changes = {name: [_text(form.initial.get(name)), _text(form.cleaned_data[name])] for name in form.changed_data}
        people = form.cleaned_data.get("people") or ()
        with refusing(request):
            save_schedule(admin_actor(request), obj, people, changes=changes, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with refusing(request):
            delete_schedule(admin_actor(request), obj)

    @action(description="Preview", url_path="preview")
    def preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Open the report that would be sent now; nothing is kept."""
        row = self._visible(request, object_id)
        with faults_as_messages(request):
            period = last_period(row, timezone.now())
            query = f"format=html&project={row.project.slug}&period={period}"
            return HttpResponseRedirect(f"{reverse('sla-report')}?{query}")
        return self._back(row)

    @action(description="Send now", url_path="send")
    def send_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask before anything is sent: a link that is followed sends nothing."""
        row = self._visible(request, object_id)
        if request.method != "POST":
            return self._confirm(request, row)
        with faults_as_messages(request):
            mailing = send_now(admin_actor(request), row, now=timezone.now())
            messages.success(request, f"The report of {mailing.period} is made and mailed within a minute")
        return self._back(row)

    @action(description="Kept reports", url_path="reports")
    def open_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self._visible(request, object_id)
        return HttpResponseRedirect(f"{reverse('sla-reports')}?project={row.project.slug}")

    def _confirm(self, request: HttpRequest, row: ReportSchedule) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": "Send the report now", "schedule": row}
        return TemplateResponse(request, "sla/reports/admin/send.html", {**context, "opts": self.opts})

    def _visible(self, request: HttpRequest, object_id: int) -> ReportSchedule:
        row: ReportSchedule | None = self.get_queryset(request).filter(pk=object_id).select_related("project").first()
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def _back(self, row: ReportSchedule) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:sla_reportschedule_change", args=[row.pk]))


@admin.register(Report)
class ReportAdmin(ScopedRecordAdmin):
    list_display = ("name", "version", "project", "label", "made_at", "made_by")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name", "label")
    fields = ("page", "project", "name", "version", "label", "lede", "sha256", "made_at", "made_by")
    readonly_fields = ("page",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("document")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="page")
    def page(self, row: Report) -> SafeString:
        return format_html('<a href="{}">Open it</a>', row.get_absolute_url())


@admin.register(ClosedPeriod)
class ClosedPeriodAdmin(ScopedRecordAdmin):
    project_path = "target__project_id"
    list_display = ("target", "label", "period_start", "period_end", "closed_at", "received", "received_bad")
    list_filter = ("target__project",)
    list_select_related = ("target",)
    search_fields = ("target__metric_name", "label")
    fields = ("target", "label", "period_start", "period_end", "closed_at", "received", "received_bad")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value) if isinstance(value, str) or not hasattr(value, "__iter__") else ", ".join(map(str, value))
