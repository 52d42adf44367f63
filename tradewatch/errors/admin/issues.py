from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action as unfold_action

from tradewatch.core.faults import Invalid
from tradewatch.errors.admin.act_forms import ACTS
from tradewatch.errors.admin.act_page import act_page, undo_page
from tradewatch.errors.admin.inlines import ActivityInline, MemberInline, TagCountInline
from tradewatch.errors.issue_serializers import MAX_BULK
from tradewatch.errors.models import Issue
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.conditions import condition
from tradewatch.errors.search.terms import parse
from tradewatch.projects.access import visible_projects
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, admin_actor


class MergedFilter(admin.SimpleListFilter):
    """Merged issues speak through their target: they are listed only when asked for."""

    title, parameter_name = "merged", "merged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Merged into another")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Issue]) -> QuerySet[Issue]:
        return queryset.exclude(merged_into=None) if self.value() == "yes" else queryset.filter(merged_into=None)


class MineFilter(admin.SimpleListFilter):
    title, parameter_name = "assigned", "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", "To me"), ("teams", "To my teams"), ("nobody", "To nobody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Issue]) -> QuerySet[Issue]:
        match self.value():
            case "me":
                return queryset.filter(assignee=request.user.pk)
            case "teams":
                return queryset.filter(assigned_team__members=request.user.pk)
            case "nobody":
                return queryset.filter(assignee=None, assigned_team=None)
        return queryset


def form_action(name: str, *, also_for_one: bool = False) -> Any:
    """Return an admin action that leads the chosen issues to the act's form."""

    def lead(model_admin: Any, request: HttpRequest, issues: QuerySet[Issue]) -> HttpResponse | None:
        ids = list(issues.order_by().values_list("pk", flat=True)[: MAX_BULK + 1])
        if len(ids) > MAX_BULK:
            messages.error(request, f"At most {MAX_BULK} issues at once: narrow the list.")
            return None
        return HttpResponseRedirect(_act_url(name, *ids))

    lead.__name__ = name
    return admin.action(description=f"{ACTS[name].verb}…", permissions=["change"])(lead)


@admin.register(Issue)
class IssueAdmin(ScopedRecordAdmin):
    """Fields are read here; every change goes through a form of `act_page` and its service."""

    list_display = (
        *("short_title", "severity_badge", "priority_badge", "category", "state_badge", "owner"),
        *("event_count", "user_count", "last_seen_at"),
    )
    list_filter = (
        "state",
        "severity",
        "priority",
        "category",
        "is_regressed",
        "is_simulated",
        MineFilter,
        MergedFilter,
        "project",
    )
    search_fields = ("title",)  # shows the field; `get_search_results` reads what is typed
    search_help_text = 'is:unresolved level:error release:1.2* venue:lmax "free text", as on the issues page'
    list_select_related = ("project", "assignee", "assigned_team")
    # No date hierarchy: it asks for every day that any issue was last seen on, which reads the whole table.
    ordering = ("-last_seen_at", "-id")
    inlines = (ActivityInline, MemberInline, TagCountInline)
    readonly_fields = ("page",)
    exclude = ("own_face", "has_members")
    actions = tuple(form_action(name) for name in ACTS if name != "note")
    actions_detail = ("open_page", "resolve_it", "ignore_it", "assign_it", "note_it", "unmerge_it")
    actions_submit_line = ()

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("act/<str:name>/", guard(partial(self._act)), name="errors_issue_act"),
            path("undo/<uuid:token>/", guard(partial(self._undo)), name="errors_issue_undo"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Issue, form: Any, change: bool) -> None:
        """Nothing is edited here, and saving the row whole would write stale counters back."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Issue], search_term: str
    ) -> tuple[QuerySet[Issue], bool]:
        """Read what is typed as the issue list's query language."""
        projects = visible_projects(admin_actor(request)).values_list("id", flat=True)
        asking = Asking(list(projects), now=timezone.now(), user_id=request.user.pk)
        try:
            return queryset.filter(condition(parse(search_term), asking)), False
        except (Invalid, ValidationError) as fault:
            messages.error(request, getattr(fault, "detail", "the search cannot be read"))
            return queryset.none(), False

    # --- columns -----------------------------------------------------------------------------------------------------
    @admin.display(description="issue", ordering="title")
    def short_title(self, issue: Issue) -> str:
        return issue.title[:90]

    @admin.display(description="severity", ordering="severity")
    def severity_badge(self, issue: Issue) -> SafeString:
        return format_html('<span class="badge {}">{}</span>', issue.severity, issue.get_severity_display())

    @admin.display(description="priority", ordering="priority")
    def priority_badge(self, issue: Issue) -> SafeString:
        return format_html('<span title="{}">{}</span>', issue.priority_why, issue.get_priority_display())

    @admin.display(description="state", ordering="state")
    def state_badge(self, issue: Issue) -> SafeString:
        if issue.is_regressed:
            return format_html('<span class="badge {}">{}</span>', "warning", "Regressed")
        style = {"resolved": "ok", "ignored": "hollow"}.get(issue.state, "")
        return format_html('<span class="badge {}">{}</span>', style, issue.get_state_display())

    @admin.display(description="assigned to")
    def owner(self, issue: Issue) -> str:
        return str(issue.assignee or issue.assigned_team or "")

    @admin.display(description="page")
    def page(self, issue: Issue) -> SafeString:
        return format_html('<a href="{}">Open the issue\'s page</a>', issue.get_absolute_url())

    # --- buttons of one issue ----------------------------------------------------------------------------------------
    @unfold_action(description="Open its page")
    def open_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(f"/issues/{int(object_id)}")

    @unfold_action(description="Resolve", permissions=["change"])
    def resolve_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(_act_url("resolve", object_id))

    @unfold_action(description="Ignore", permissions=["change"])
    def ignore_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(_act_url("ignore", object_id))

    @unfold_action(description="Assign", permissions=["change"])
    def assign_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(_act_url("assign", object_id))

    @unfold_action(description="Note", permissions=["change"])
    def note_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(_act_url("note", object_id))

    @unfold_action(description="Unmerge", permissions=["merged"])
    def unmerge_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(_act_url("unmerge", object_id))

    def has_merged_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        is_merged = Issue.objects.filter(pk=object_id or 0).exclude(merged_into=None).exists()
        return is_merged and self.has_change_permission(request)

    def _act(self, request: HttpRequest, name: str) -> HttpResponse:
        return act_page(request, self, name)

    def _undo(self, request: HttpRequest, token: UUID) -> HttpResponse:
        return undo_page(request, self, token)


def _act_url(name: str, *ids: object) -> str:
    return f"{reverse('admin:errors_issue_act', args=[name])}?ids={','.join(map(str, ids))}"
