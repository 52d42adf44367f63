from urllib.parse import quote

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action as unfold_action

from tradewatch.errors.models import ClassificationRule, Event, Issue, TagCount
from tradewatch.errors.rule_trial_page import try_page
from tradewatch.errors.services import ignore_issue, reopen_issue, resolve_issue
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each


class TagCountInline(TabularInline):  # type: ignore[misc]
    model = TagCount
    fields = readonly_fields = ("key", "value", "count", "last_seen_at")
    ordering = ("key", "-count")
    extra = 0
    can_delete = False
    max_num = 0
    per_page = 20
    tab = True


@admin.register(Issue)
class IssueAdmin(ScopedRecordAdmin):
    list_display = ("short_title", "severity_badge", "category", "state", "event_count", "user_count", "last_seen_at")
    list_filter = ("state", "severity", "category", "project")
    search_fields = ("title", "culprit")
    list_select_related = ("project",)
    ordering = ("-last_seen_at",)
    date_hierarchy = "last_seen_at"
    inlines = (TagCountInline,)
    readonly_fields = ("page",)
    actions = ("resolve", "ignore", "reopen")

    @admin.display(description="issue", ordering="title")
    def short_title(self, issue: Issue) -> str:
        return issue.title[:90]

    @admin.display(description="severity", ordering="severity")
    def severity_badge(self, issue: Issue) -> SafeString:
        return format_html('<span class="badge {}">{}</span>', issue.severity, issue.get_severity_display())

    @admin.display(description="page")
    def page(self, issue: Issue) -> SafeString:
        return format_html('<a href="{}">Open the issue\'s page</a>', issue.get_absolute_url())

    @admin.action(description="Resolve", permissions=["change"])
    def resolve(self, request: HttpRequest, issues: QuerySet[Issue]) -> None:
        act_on_each(request, issues, resolve_issue, "resolved")

    @admin.action(description="Ignore until reopened", permissions=["change"])
    def ignore(self, request: HttpRequest, issues: QuerySet[Issue]) -> None:
        act_on_each(request, issues, ignore_issue, "ignored")

    @admin.action(description="Reopen", permissions=["change"])
    def reopen(self, request: HttpRequest, issues: QuerySet[Issue]) -> None:
        act_on_each(request, issues, reopen_issue, "reopened")


@admin.register(Event)
class EventAdmin(ScopedRecordAdmin):
    list_display = ("event_id", "issue", "severity", "environment", "release", "timestamp")
    list_filter = ("severity", "environment", "project")
    list_select_related = ("issue", "release")
    search_fields = ("=event_id", "=trace_id")
    search_help_text = "event id or trace id"
    ordering = ("-timestamp",)
    date_hierarchy = "timestamp"
    raw_id_fields = ("issue", "release")
    readonly_fields = ("page",)

    @admin.display(description="page")
    def page(self, event: Event) -> SafeString:
        issue = reverse("admin:errors_issue_change", args=[event.issue_id])
        return format_html(
            '<a href="{}">Open the event</a> · <a href="{}">its issue</a>', event.get_absolute_url(), issue
        )


@admin.register(ClassificationRule)
class ClassificationRuleAdmin(RuleAdmin):
    list_display = ("name", "position", "category", "severity", "project", "is_enabled")
    list_editable = ("position", "is_enabled")
    list_filter = ("is_enabled", "category", "project")
    list_select_related = ("project",)
    search_fields = ("name", "exception_type", "module", "message")
    ordering = ("position", "id")
    actions_list = ("try_a_rule",)
    actions_detail = ("try_this_rule",)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that shows what a rule would match."""
        page = path("try/", self.admin_site.admin_view(self.trial), name="errors_classificationrule_try")
        return [page, *super().get_urls()]

    def trial(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return try_page(request, self.get_queryset(request))

    @unfold_action(description="Try a rule")
    def try_a_rule(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:errors_classificationrule_try"))

    @unfold_action(description="Try: which issues match?")
    def try_this_rule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:errors_classificationrule_try')}?rule={quote(object_id)}")
