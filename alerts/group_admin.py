"""Groups and silences in the admin: what pages and why, who was told with which answer, what is held and by whom."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from alerts.choices import AlertState
from alerts.models import AlertGroup, Companion, GroupMember, Notification, Silence, TimelineEntry
from alerts.services import acknowledge_group, change_silence, expire_silence, open_silence
from tradewatch.core.admin import ReadOnlyInline
from tradewatch.core.faults import Fault, NotAllowed
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each, admin_actor


class MemberInline(ReadOnlyInline):
    per_page = 50
    model = GroupMember
    fields = ("alert", "joined_at", "came_with", "told_sequence", "end_sequence", "held_by")


class GroupTimelineInline(ReadOnlyInline):
    per_page = 50
    model = TimelineEntry
    fields = ("at", "kind", "text", "actor_label")


class DeliveryInline(ReadOnlyInline):
    per_page = 50
    model = Notification
    ordering = ("-id",)
    fields = ("sequence", "event", "step", "channel", "target", "state", "attempts", "why", "answer", "sent_at")


@admin.register(AlertGroup)
class AlertGroupAdmin(ScopedRecordAdmin):
    list_display = (
        "__str__",
        "project",
        "state",
        "open_alerts",
        "route_path",
        "opened_at",
        "step_at",
        "acknowledged_by",
    )
    list_filter = ("state", "project")
    list_select_related = ("project",)
    search_fields = ("route_path", "acknowledged_by")
    inlines = (MemberInline, GroupTimelineInline, DeliveryInline)
    actions = ("acknowledge",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        still_open = Count("members", filter=~Q(members__alert__state=AlertState.RESOLVED))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(open_count=still_open)
        return rows

    @admin.display(description="open alerts")
    def open_alerts(self, group: Any) -> int:
        return int(group.open_count)

    @admin.action(description="Acknowledge", permissions=["change"])
    def acknowledge(self, request: HttpRequest, groups: QuerySet[AlertGroup]) -> None:
        act_on_each(request, groups, acknowledge_group, "acknowledged")


@admin.register(Silence)
class SilenceAdmin(RuleAdmin):
    """Written by the services: what holds is never rewritten, only ended and replaced."""

    list_display = ("comment", "current_state", "matchers", "project", "starts_at", "ends_at", "created_by", "ended_by")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("comment", "matchers", "created_by")
    readonly_fields = ("created_by", "created_at", "replaces", "ended_by")
    actions = ("end_now",)

    @admin.display(description="state")
    def current_state(self, silence: Silence) -> str:
        return silence.state

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super(RuleAdmin, self).has_change_permission(request, obj))  # responders may: the services decide

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor = admin_actor(request)
        try:
            if not change:
                open_silence(actor, obj)
                return
            stored = Silence.objects.get(pk=obj.pk)
            now_holds = change_silence(actor, stored, **{name: getattr(obj, name) for name in form.changed_data})
        except NotAllowed as fault:
            raise PermissionDenied(fault.detail) from fault
        except Fault as fault:
            texts = [fault.detail, *(text for many in fault.errors.values() for text in many)]
            messages.error(request, " · ".join(texts))
            return
        if now_holds.pk != obj.pk:
            messages.info(request, "It was active: it ended, and a new silence holds from now on.")

    @admin.action(description="End now", permissions=["change"])
    def end_now(self, request: HttpRequest, silences: QuerySet[Silence]) -> None:
        act_on_each(request, silences, expire_silence, "ended")


@admin.register(Companion)
class CompanionAdmin(ScopedRecordAdmin):
    """Which alerts join each other's groups. Found by the analysis of patterns: dismiss the pattern to end it."""

    list_display = ("dedup_key", "other_key", "why", "project", "since")
    list_filter = ("project",)
    search_fields = ("dedup_key", "other_key", "why")
    list_select_related = ("project",)
    ordering = ("-since", "-id")
