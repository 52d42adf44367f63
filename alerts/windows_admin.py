from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from alerts.holding_admin import HoldingMixin
from alerts.models import Digest, MaintenanceWindow, QuietHours
from alerts.quiet_hours import quiet_now
from alerts.words import clock_words
from tradewatch.core.admin import RecordAdmin
from tradewatch.projects.rule_admin import RuleAdmin


@admin.register(QuietHours)
class QuietHoursAdmin(HoldingMixin, RuleAdmin):
    list_display = ("name", "now", "bypass_severity", "calendar", "digest_minutes")
    search_fields = ("name",)
    readonly_fields = ("now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super(RuleAdmin, self).get_queryset(request)  # of the installation: no project
        return rows

    @admin.display(description="now")
    def now(self, quiet: QuietHours) -> SafeString:
        if quiet.pk is None:
            return format_html("{}", "—")
        moment = timezone.now()
        state = quiet_now(quiet, moment)
        until = f" until {clock_words(state.until, now=moment)}" if state.until else ""
        text = f"held{until}: {state.why}" if state.is_held else "delivering"
        return format_html("{} {}", text, state.said)


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(HoldingMixin, RuleAdmin):
    list_display = ("name", "project", "starts_at", "ends_at", "matchers")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name",)


@admin.register(Digest)
class DigestAdmin(RecordAdmin):
    list_display = ("quiet_hours", "ends_at", "made_at")
    list_select_related = ("quiet_hours",)
