"""Checks in the admin: a form for each kind, secrets that are written and never shown, run, pause and resume."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget

from tradewatch.core.actors import Actor
from tradewatch.core.admin import BoundedInlineFormSet, ReadOnlyInline, faults_as_messages
from tradewatch.core.faults import Fault, NotAllowed
from tradewatch.performance.checks.choices import CheckKind, Level
from tradewatch.performance.checks.faults import FIELDS, target_words
from tradewatch.performance.checks.running import plan_of
from tradewatch.performance.checks.services import (
    SECRETS,
    check_form,
    delete_check,
    pause_check,
    resume_check,
    run_now,
    save_check,
)
from tradewatch.performance.models import Check, CheckResult
from tradewatch.projects import access
from tradewatch.projects.choices import Scope
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import act_on_each, admin_actor

RESULTS_SHOWN = 30
REMOVED = "-"
_ABOUT = ("name", "project", "environment", "severity")
_TIMES = ("interval_seconds", "timeout_seconds", "retries", "recoveries", "slow_seconds")
_ADDRESSES = {
    CheckKind.HTTP: ("URL", "https://api.example/health. A login goes into the request headers."),
    CheckKind.TCP: ("Address", "host:port, e.g. fix.venue.example:9876"),
    CheckKind.DNS: ("Name", "E.g. api.example.com"),
}
_CONNECTIONS = {
    CheckKind.POSTGRES: ("DSN", "postgresql://user:password@host:5432/database; kept encrypted, never shown."),
    CheckKind.REDIS: ("URL", "redis://:password@host:6379, or rediss:// with TLS; kept encrypted, never shown."),
}


class CheckForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """`check_kind` and `actor` are set by the admin's `get_form`."""

    check_kind: CheckKind
    actor: Actor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.kind = self.check_kind
        for name, (label, words) in (
            ("address", _ADDRESSES.get(self.check_kind, ("", ""))),
            ("connection", _CONNECTIONS.get(self.check_kind, ("", ""))),
        ):
            if name in self.fields:
                self.fields[name].label, self.fields[name].help_text = label, words
        self._stored = {name: getattr(self.instance, name) for name in SECRETS}
        for name in SECRETS:
            self._hide(name)

    def clean(self) -> dict[str, Any]:
        """Ask the service's questions, so that each refusal stands beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in SECRETS:
            if name in cleaned:
                cleaned[name] = self._kept(name, cleaned[name])
        if self.errors:
            return cleaned
        for name, value in cleaned.items():
            setattr(self.instance, name, value)
        try:
            check_form(self.actor, self.instance, changed=self.changed_data)
        except Fault as fault:
            errors = fault.errors or {"": [fault.detail]}
            raise ValidationError(
                {name if name in self.fields else "__all__": texts for name, texts in errors.items()}
            ) from fault
        return cleaned

    def _hide(self, name: str) -> None:
        if name not in self.fields:
            return
        self.initial[name] = ""
        is_line = name == "connection"
        widget = UnfoldAdminPasswordWidget if is_line else UnfoldAdminTextareaWidget
        self.fields[name].widget = widget(attrs={"autocomplete": "new-password"} if is_line else {"rows": 3})
        if self._stored[name]:
            stored = "One is stored; leave empty to keep it."
            removes = "" if is_line else f" A single {REMOVED} removes it."
            self.fields[name].help_text = f"{self.fields[name].help_text} {stored}{removes}"

    def _kept(self, name: str, entered: str) -> str:
        if not entered:
            return str(self._stored[name])
        return "" if entered.strip() == REMOVED else entered.strip()


class ResultInline(ReadOnlyInline):
    model = CheckResult
    formset = BoundedInlineFormSet
    fields = ("at", "level", "detail", "seconds")
    readonly_fields = fields
    per_page = RESULTS_SHOWN


@admin.register(Check)
class CheckAdmin(RuleAdmin):
    list_display = ("name", "project", "environment", "kind", "state_badge", "asks", "seconds", "ran_at")
    list_filter = ("state", "kind", "project")
    list_select_related = ("project",)
    search_fields = ("name", "address")
    inlines = (ResultInline,)
    actions = ("pause", "resume")
    actions_detail = ("open_page", "run_it", "pause_it", "resume_it")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if request.GET.get("kind") not in CheckKind.values and self.has_add_permission(request):
            kinds = [{"name": kind.value, "label": kind.label} for kind in CheckKind]
            context = {**self.admin_site.each_context(request), "title": "Add a check", "kinds": kinds}
            return TemplateResponse(request, "performance/admin/choose_kind.html", {**context, "opts": self.opts})
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        return answer

    def get_form(self, request: HttpRequest, obj: Check | None = None, change: bool = False, **kwargs: Any) -> Any:
        about = {"check_kind": _kind(request, obj), "actor": admin_actor(request)}
        kwargs["form"] = type("KindForm", (CheckForm,), about)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Check | None = None) -> Any:
        kind = _kind(request, obj)
        return (
            (None, {"fields": (*_ABOUT, *(("stands",) if obj else ()))}),
            (kind.label, {"fields": (*FIELDS[kind], "allows_internal")}),
            ("When", {"fields": _TIMES}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Check | None = None) -> Any:
        """Only an administrator lets a check reach one's own network."""
        may = access.may_everywhere(admin_actor(request), scope=Scope.ADMIN)
        return ("stands",) if may else ("stands", "allows_internal")

    @admin.display(description="asks")
    def asks(self, row: Check) -> str:
        return target_words(plan_of(row))

    @admin.display(description="state", ordering="state")
    def state_badge(self, row: Check) -> SafeString:
        style = {"up": "ok", "slow": "warning", "down": "critical"}.get(row.state, "hollow")
        return format_html('<span class="badge {}">{}</span>', style, row.get_state_display())

    @admin.display(description="how it stands")
    def stands(self, row: Check) -> SafeString:
        why = f"paused by {row.paused_reason}" if row.paused_reason else row.detail or "not asked yet"
        return format_html("{} {}", self.state_badge(row), why)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        was_in = form.initial.get("project")
        try:
            save_check(admin_actor(request), obj, was_in=was_in, changed=form.changed_data, now=timezone.now())
        except NotAllowed as fault:
            raise PermissionDenied(fault.detail) from fault

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        try:
            delete_check(admin_actor(request), obj, now=timezone.now())
        except NotAllowed as fault:
            raise PermissionDenied(fault.detail) from fault

    # --- actions -----------------------------------------------------------------------------------------------------
    @admin.action(description="Pause, with a reason", permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Check]) -> HttpResponse | None:
        return self._pause(request, rows)

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Check]) -> None:
        act_on_each(request, rows, partial(resume_check, now=timezone.now()), "resumed")

    @action(description="Open its page", url_path="page")
    def open_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(self._visible(request, object_id).get_absolute_url())

    @action(description="Run now", url_path="run")
    def run_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Asks again when it is opened as a link: it is the same as waiting for the next run."""
        row = self._visible(request, object_id)
        with faults_as_messages(request):
            answer = run_now(admin_actor(request), row)
            took = f" in {answer.seconds * 1000:.0f} ms" if answer.seconds is not None else ""
            level = messages.SUCCESS if answer.level == Level.OK else messages.WARNING
            messages.add_message(request, level, f"{answer.level.label}: {answer.detail}{took}")
        return self._back(row)

    @action(description="Pause", url_path="pause")
    def pause_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self._visible(request, object_id)
        return self._pause(request, Check.objects.filter(pk=row.pk)) or self._back(row)

    @action(description="Resume", url_path="resume")
    def resume_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self._visible(request, object_id)
        with faults_as_messages(request):
            resume_check(admin_actor(request), row, now=timezone.now())
            messages.success(request, "Resumed: it is asked within seconds")
        return self._back(row)

    def _pause(self, request: HttpRequest, rows: QuerySet[Check]) -> HttpResponse | None:
        """Show the form that asks why; pause when it is posted."""
        if "apply" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Pause checks",
                "checks": rows,
                "opts": self.opts,
                "is_action": request.method == "POST",
            }
            return TemplateResponse(request, "performance/admin/pause.html", context)
        reason = request.POST.get("reason", "").strip()[:150]
        act_on_each(request, rows, partial(pause_check, reason=reason, now=timezone.now()), "paused")
        return None

    def _visible(self, request: HttpRequest, object_id: int) -> Check:
        row: Check | None = self.get_queryset(request).filter(pk=object_id).first()
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def _back(self, row: Check) -> HttpResponse:
        return HttpResponseRedirect(f"/admin/performance/check/{row.pk}/change/")


def _kind(request: HttpRequest, row: Check | None) -> CheckKind:
    name = row.kind if row is not None else request.GET.get("kind", "")
    return CheckKind(name) if name in CheckKind.values else CheckKind.HTTP
