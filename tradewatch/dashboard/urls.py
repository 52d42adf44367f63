from django.urls import include, path, register_converter

from alerts.api import Alerts
from alerts.routing_api import Silences
from tradewatch.core.routes import both, by_method, by_reader
from tradewatch.dashboard.converters import HexId
from tradewatch.dashboard.views import (
    actions,
    alert_actions,
    alert_report,
    alerts,
    answer,
    attachments,
    bulk,
    counts,
    events,
    first_steps,
    heartbeats,
    issue,
    issues,
    live,
    performance,
    routing,
    silences,
    triage,
)

register_converter(HexId, "hexid")

urlpatterns = [
    path("", live.home),
    path("", include("tradewatch.dashboard.oncall_urls")),
    path("error-dashboard.html", live.dashboard, name="dashboard"),
    path("dashboard/counts/<slug:key>", counts.counts, name="counts"),
    *both("first-steps", first_steps.first_steps_page, "first-steps"),
    *both("issues", issues.issues, "issues"),
    *both("issues/complete", issues.complete, "issues-complete"),
    *both("issues/export.csv", issues.export, "issues-export"),
    *both("issues/<int:issue_id>", issue.issue, "issue"),
    *both("issues/<int:issue_id>/events/<hexid:event_id>", issue.issue, "issue-event"),
    *both("issues/<int:issue_id>/events/<hexid:event_id>/json", issue.event_json, "event-json"),
    *both(
        "issues/<int:issue_id>/events/<hexid:event_id>/attachments/<int:item_id>",
        attachments.download,
        "issue-attachment",
    ),
    *both(
        "issues/<int:issue_id>/events/<hexid:event_id>/attachments/<int:item_id>/picture",
        attachments.picture,
        "issue-attachment-picture",
    ),
    *both("events/<hexid:event_id>", events.event, "event"),
    *both("alerts", by_method(page=alerts.alerts, api=Alerts.as_view()), "alerts"),
    *both("alerts/routing", routing.routing, "routing"),
    *both("alerts/silences", by_reader(page=silences.silences, api=Silences.as_view()), "silences"),
    *both("alerts/silences/new", silences.new_silence, "silence-new"),
    *both("alerts/silences/<int:silence_id>/edit", silences.edit_silence, "silence-edit"),
    *both("alerts/report", alert_report.alert_report, "alert-report"),
    *both("alerts/<int:alert_id>", alerts.alert, "alert"),
    *both("alerts/answer/<str:token>", answer.answer_page, "answer"),
    path("dashboard/actions/projects/<int:project_id>/test-event", actions.test_event, name="send-test-event"),
    *both("performance", performance.overview, "performance"),
    *both("performance/transactions", performance.transactions, "performance-transactions"),
    *both("performance/transaction", performance.transaction, "performance-transaction"),
    *both("performance/counts/<slug:key>", performance.counts, "performance-counts"),
    *both("heartbeats", heartbeats.heartbeats, "heartbeats"),
    *both("heartbeats/<int:heartbeat_id>", heartbeats.heartbeat, "heartbeat"),
    path(
        "dashboard/actions/heartbeats/<int:heartbeat_id>/<slug:action>",
        heartbeats.switch_heartbeat,
        name="switch-heartbeat",
    ),
    path("dashboard/actions/alerts/<int:alert_id>/<slug:action>", alert_actions.act_on_alert, name="act-on-alert"),
    path("dashboard/actions/alerts/<slug:action>", alert_actions.act_on_alerts, name="act-on-alerts"),
    path("dashboard/actions/silences/<int:silence_id>/<slug:action>", silences.act_on_silence, name="act-on-silence"),
    path("dashboard/actions/groups/<int:group_id>/<slug:action>", alert_actions.act_on_group, name="act-on-group"),
    path("dashboard/actions/issues", bulk.act_on_issues, name="act-on-issues"),
    path("dashboard/actions/views/<slug:action>", bulk.act_on_view, name="act-on-view"),
    path("dashboard/actions/issues/<int:issue_id>/<slug:action>", triage.act_on_issue, name="act-on-issue"),
    path("dashboard/actions/undo/<uuid:token>", triage.undo, name="undo-change"),
]
