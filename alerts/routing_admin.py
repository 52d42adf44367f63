"""Routes as a tree, what holds messages back, and what classifies alerts, in the admin. Faults stand at their field."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from alerts.holding_admin import HoldingMixin
from alerts.models import AlertClassificationRule, Inhibition, Route
from tradewatch.core.admin import PlainAdmin
from tradewatch.projects.rule_admin import RuleAdmin

SENDING = (
    "channels",
    "mails_members",
    "policy",
    "tells_nobody",
    "sends_resolved",
    "quiet_hours",
    "reminder_after_seconds",
    "unacknowledge_after_seconds",
)
TIMES = ("group_by", "group_wait_seconds", "group_interval_seconds", "repeat_interval_seconds")


class InstallationAdmin(RuleAdmin):
    """What belongs to no project: everybody who may look sees it, superusers change it."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super(PlainAdmin, self).get_queryset(request)
        return rows


@admin.register(Route)
class RouteAdmin(InstallationAdmin):
    list_display = ("tree", "matchers", "goes_on", "told", "group_by", "is_enabled")
    list_select_related = ("parent", "policy")
    search_fields = ("name", "matchers")
    autocomplete_fields = ("parent",)
    filter_horizontal = ("channels", "quiet_hours")
    fieldsets = (
        (None, {"fields": ("name", "parent", "position", "is_enabled", "matchers", "goes_on")}),
        ("Groups and times (empty: the parent's)", {"fields": TIMES}),
        ("Who is told (empty: the parent's)", {"fields": SENDING}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("channels")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_root = isinstance(obj, Route) and obj.parent_id is None
        return not is_root and super().has_delete_permission(request, obj)

    @admin.display(description="route", ordering="position")
    def tree(self, route: Route) -> str:
        names, above = [route.name], route.parent
        while above is not None and len(names) < 20:
            names.append(above.name)
            above = above.parent
        return " > ".join(reversed(names))

    @admin.display(description="told")
    def told(self, route: Route) -> str:
        if route.tells_nobody:
            return "nobody"
        names = [channel.name for channel in route.channels.all()]
        names += ["people by e-mail"] if route.mails_members else []
        names += [f"policy {route.policy}"] if route.policy else []
        return ", ".join(names) or "as its parent"


@admin.register(Inhibition)
class InhibitionAdmin(HoldingMixin, RuleAdmin):
    list_display = ("name", "project", "source", "target", "equal", "is_enabled")
    list_filter = ("project", "is_enabled")
    list_select_related = ("project",)
    search_fields = ("name",)


@admin.register(AlertClassificationRule)
class AlertClassificationRuleAdmin(RuleAdmin):
    list_display = (
        "position",
        "name",
        "project",
        "matchers",
        "category",
        "severity",
        "severity_change",
        "team",
        "goes_on",
        "is_enabled",
    )
    list_display_links = ("name",)
    list_filter = ("project", "category", "team", "is_enabled")
    list_select_related = ("project", "team")
    search_fields = ("name", "matchers")
