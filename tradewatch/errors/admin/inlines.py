"""What the page of an issue in the admin lists beside its fields. Read-only and paged: tables of this kind grow."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tradewatch.core.admin import ReadOnlyInline
from tradewatch.errors.models import Activity, Issue, TagCount


class ActivityInline(ReadOnlyInline):
    per_page = 20
    model = Activity
    fields = readonly_fields = ("at", "kind", "text", "actor_label", "undone_at")
    ordering = ("-id",)
    verbose_name_plural = "timeline"


class TagCountInline(ReadOnlyInline):
    per_page = 20
    model = TagCount
    fields = readonly_fields = ("key", "value", "count", "last_seen_at")
    ordering = ("key", "-count")


class MemberInline(ReadOnlyInline):
    per_page = 20
    model = Issue
    fk_name = "merged_into"
    fields = readonly_fields = ("member", "event_count", "user_count", "merged_at")
    ordering = ("merged_at", "id")
    verbose_name_plural = "merged issues"

    @admin.display(description="issue")
    def member(self, issue: Issue) -> SafeString:
        url = reverse("admin:errors_issue_change", args=[issue.pk])
        return format_html('<a href="{}">#{} {}</a>', url, issue.number, issue.title[:90])
