from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from debugging.models import Pattern, PatternRun
from debugging.patterns.found import strength_words
from debugging.patterns.services import dismiss_pattern, restore_pattern
from debugging.steps.statistics import p_words
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each


class DismissedFilter(admin.SimpleListFilter):
    title = "dismissed"
    parameter_name = "dismissed"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no", "No"), ("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Pattern]) -> QuerySet[Pattern]:
        return queryset if self.value() is None else queryset.filter(dismissed_at__isnull=self.value() == "no")


@admin.register(Pattern)
class PatternAdmin(ScopedRecordAdmin):
    """What recurs in issues. Written by the analysis; people dismiss what is no news, and take that back."""

    list_display = ("what", "kind", "project", "issue", "times", "chance", "found_at", "dismissed_by")
    list_filter = ("project", "kind", DismissedFilter)
    search_fields = ("summary", "key", "value", "issue__title")
    list_select_related = ("project", "issue")
    ordering = ("-found_at", "-id")
    date_hierarchy = "found_at"
    actions = ("dismiss", "restore")
    readonly_fields = ("page",)

    @admin.display(description="what", ordering="summary")
    def what(self, pattern: Pattern) -> str:
        return Truncator(pattern.summary).chars(60)

    @admin.display(description="strength", ordering="strength")
    def times(self, pattern: Pattern) -> str:
        return strength_words(pattern.kind, pattern.strength) or "-"

    @admin.display(description="chance", ordering="p_value")
    def chance(self, pattern: Pattern) -> str:
        return "-" if pattern.p_value is None else p_words(pattern.p_value)

    @admin.display(description="page")
    def page(self, pattern: Pattern) -> SafeString:
        return format_html('<a href="{}">Open the issue</a>', pattern.issue.get_absolute_url())

    @admin.action(description="Dismiss", permissions=["change"])
    def dismiss(self, request: HttpRequest, rows: QuerySet[Pattern]) -> None:
        act_on_each(request, rows, lambda actor, row: dismiss_pattern(actor, row, now=timezone.now()), "dismissed")

    @admin.action(description="Take the dismissal back", permissions=["change"])
    def restore(self, request: HttpRequest, rows: QuerySet[Pattern]) -> None:
        act_on_each(request, rows, lambda actor, row: restore_pattern(actor, row, now=timezone.now()), "restored")


@admin.register(PatternRun)
class PatternRunAdmin(ScopedRecordAdmin):
    """How each analysis of a project went."""

    list_display = ("project", "started_at", "ended_at", "issues", "events", "found", "fault")
    list_filter = ("project",)
    list_select_related = ("project",)
    ordering = ("-started_at", "-id")
