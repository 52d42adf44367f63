"""Routes as a tree, what holds messages back, and what classifies alerts, in the admin. Faults stand at their field."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.decorators import action

from alerts.holding_admin import HoldingMixin
from alerts.models import AlertClassificationRule, Inhibition, Route
from alerts.route_replay_page import route_replay_page
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
TIMES = ("group_by", "joins_companions", "group_wait_seconds", "group_interval_seconds", "repeat_interval_seconds")


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

    actions_detail = ("replay",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("channels")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that shows what a change would have told."""
        view = self.admin_site.admin_view(lambda request, pk: self.replay_page(request, pk))
        return [path("<int:pk>/replay-days/", view, name="alerts_route_replay_days"), *super().get_urls()]

    def replay_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return route_replay_page(request, pk)

    @action(description="Replay a change of it")
    def replay(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:alerts_route_replay_days", args=[object_id]))

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
