from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import action

from alerts import channel_admin as channel_admin  # each registers its own
from alerts import group_admin as group_admin
from alerts import heartbeat_admin as heartbeat_admin
from alerts import intake_admin as intake_admin
from alerts import oncall_admin as oncall_admin
from alerts import routing_admin as routing_admin
from alerts import windows_admin as windows_admin
from alerts.choices import RuleKind
from alerts.configuration_page import configuration_page
from alerts.delivery.lines import line_of
from alerts.explaining import explain
from alerts.measures.custom import usual_unit
from alerts.measures.faults import faults_of
from alerts.measures.own_rules import CLOCK, OWN_HEALTH
from alerts.models import Alert, AlertRule, TimelineEntry
from alerts.queries import deliveries_of, timeline_of
from alerts.replay_page import replay_page
from alerts.services import acknowledge_alert, resolve_alert
from alerts.services.own_rules import restore_own_rules
from tradewatch.core.admin import ReadOnlyInline
from tradewatch.core.faults import NotAllowed
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each, admin_actor

OWN_KINDS = (OWN_HEALTH, CLOCK)
RULE_FIELDS = frozenset(field.name for field in AlertRule._meta.concrete_fields)


class TimelineInline(ReadOnlyInline):
    model = TimelineEntry
    fields = ("at", "kind", "text", "actor_label")


@admin.register(Alert)
class AlertAdmin(ScopedRecordAdmin):
    list_display = (
        "title",
        "severity_badge",
        "state",
        "simulated",
        "category",
        "environment",
        "count",
        "starts_at",
        "acknowledged_by",
    )
    list_filter = (
        "state",
        "severity",
        "category",
        "simulated",
        "starts_at",
        "project",
    )  # a date hierarchy reads every row
    search_fields = ("title",)
    list_select_related = ("project",)
    inlines = (TimelineInline,)
    readonly_fields = ("page", "why", "story", "deliveries")
    actions = ("acknowledge", "resolve", "silence")

    @admin.display(description="why this page, or why none")
    def why(self, alert: Alert) -> SafeString:
        found = explain(alert, now=timezone.now())
        lines = [found.sentence, *(one.reason for one in found.suppressions), *(g.next_step for g in found.groups)]
        return format_html_join("", "<div>{}</div>", ((line,) for line in dict.fromkeys(filter(None, lines))))

    @admin.display(description="its groups' story")
    def story(self, alert: Alert) -> SafeString:
        rows = timeline_of(alert).filter(alert=None)[:100]
        return format_html_join("", "<div>{} {}</div>", ((f"{row.at:%d %b %H:%M:%S}", row.text) for row in rows))

    @admin.display(description="deliveries")
    def deliveries(self, alert: Alert) -> SafeString:
        rows = deliveries_of(alert)[:50]
        lines = ((line_of(row).name, row.event, row.get_state_display(), row.answer) for row in rows)
        return format_html_join("", "<div>{}: {}, {}. {}</div>", lines)

    @admin.display(description="severity", ordering="severity")
    def severity_badge(self, alert: Alert) -> SafeString:
        return format_html('<span class="badge {}">{}</span>', alert.severity, alert.get_severity_display())

    @admin.display(description="page")
    def page(self, alert: Alert) -> SafeString:
        return format_html('<a href="{}">Open the alert\'s page</a>', alert.get_absolute_url())

    @admin.action(description="Acknowledge", permissions=["change"])
    def acknowledge(self, request: HttpRequest, alerts: QuerySet[Alert]) -> None:
        act_on_each(request, alerts, acknowledge_alert, "acknowledged")

    @admin.action(description="Resolve", permissions=["change"])
    def resolve(self, request: HttpRequest, alerts: QuerySet[Alert]) -> None:
        act_on_each(request, alerts, resolve_alert, "resolved")

    @admin.action(description="Silence…", permissions=["change"])
    def silence(self, request: HttpRequest, alerts: QuerySet[Alert]) -> HttpResponse:
        """Lead to the form, which says what it would hold before anything is saved."""
        chosen = alerts.order_by("-id").values_list("pk", flat=True)[:200]
        return HttpResponseRedirect(f"/alerts/silences/new?alerts={','.join(map(str, chosen))}")


class AlertRuleForm(ModelForm):  # type: ignore[type-arg]
    """Refuses a rule that cannot be judged, each fault at its field."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            probe = AlertRule(**{name: value for name, value in cleaned.items() if name in RULE_FIELDS})
            for name, fault in faults_of(probe).items():
                self.add_error(name, fault)
            if probe.kind == RuleKind.CUSTOM_METRIC and not probe.unit:
                cleaned["unit"] = usual_unit(probe.series, probe.project_id)
        return cleaned


@admin.register(AlertRule)
class AlertRuleAdmin(RuleAdmin):
    form = AlertRuleForm
    list_display = ("name", "kind", "project", "is_enabled", "last_judged_at", "last_fired_at", "said_last")
    list_filter = ("kind", "is_enabled", "project")
    list_select_related = ("project",)
    search_fields = ("name",)
    readonly_fields = ("last_judged_at", "last_fired_at", "last_reason")
    actions_detail = ("replay",)
    actions_list = ("configuration",)
    actions = ("restore",)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that shows what a rule would have done."""
        own = self.admin_site.admin_view
        replay = own(lambda request, pk: self.replay_page(request, pk))
        return [
            path("<int:pk>/replay-days/", replay, name="alerts_alertrule_replay_days"),
            path("configuration/", own(configuration_page), name="alerts_configuration"),
            *super().get_urls(),
        ]

    @admin.display(description="last reason", ordering="last_reason")
    def said_last(self, rule: AlertRule) -> str:
        return Truncator(rule.last_reason).chars(60)

    @admin.action(description="Make TradeWatch's own rules as they came", permissions=["change"])
    def restore(self, request: HttpRequest, rules: QuerySet[AlertRule]) -> None:
        """Of those chosen; deleted ones come back by `manage.py alerting restore`."""
        names = list(rules.filter(is_default=True, kind__in=OWN_KINDS).values_list("name", flat=True))
        try:
            restored = restore_own_rules(admin_actor(request), names)
        except NotAllowed as fault:
            raise PermissionDenied(fault.detail) from fault
        self.message_user(request, f"As they came: {', '.join(restored)}." if restored else "None was changed.")

    def replay_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return replay_page(request, self.get_queryset(request), pk)

    @action(description="Export and import")
    def configuration(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:alerts_configuration"))

    @action(description="Replay the last 30 days")
    def replay(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:alerts_alertrule_replay_days", args=[object_id]))
