from alerts.api import Acknowledge, Active, Assign, Note, Resolve, Snooze, Unacknowledge
from alerts.api_alertmanager import AlertmanagerAlerts, AlertmanagerStatus, AlertmanagerWebhook
from alerts.api_alertmanager_silences import AlertmanagerSilence, AlertmanagerSilences
from alerts.api_heartbeats import HeartbeatEntries, Heartbeats, OneHeartbeat, Pause, Resume
from alerts.api_pagerduty import Enqueue
from alerts.api_trials import Test
from alerts.oncall_urls import urlpatterns as oncall_urls
from alerts.ping import ping
from alerts.routing_urls import urlpatterns as routing_urls
from tradewatch.core.routes import both

urlpatterns = [
    *oncall_urls,
    *both("api/v2/alerts", AlertmanagerAlerts.as_view(), "alertmanager-alerts"),
    *both("api/v2/silences", AlertmanagerSilences.as_view(), "alertmanager-silences"),
    *both("api/v2/silence/<str:silence_id>", AlertmanagerSilence.as_view(), "alertmanager-silence"),
    *both("api/v2/status", AlertmanagerStatus.as_view(), "alertmanager-status"),
    *both("alerts/webhook", AlertmanagerWebhook.as_view(), "alertmanager-webhook"),
    *both("v2/enqueue", Enqueue.as_view(), "pagerduty-enqueue"),
    *both("alerts/heartbeats", Heartbeats.as_view(), "alerts-heartbeats"),
    *both("alerts/heartbeats/<int:heartbeat_id>", OneHeartbeat.as_view(), "alerts-heartbeat"),
    *both("alerts/heartbeats/<int:heartbeat_id>/entries", HeartbeatEntries.as_view(), "alerts-heartbeat-entries"),
    *both("alerts/heartbeats/<int:heartbeat_id>/pause", Pause.as_view(), "alerts-heartbeat-pause"),
    *both("alerts/heartbeats/<int:heartbeat_id>/resume", Resume.as_view(), "alerts-heartbeat-resume"),
    *both("ping/<str:key>", ping, "ping"),
    *both("ping/<str:key>/<int:exit_code>", ping, "ping-exit"),
    *both("ping/<str:key>/<slug:signal>", ping, "ping-signal"),
    *both("alerts/test", Test.as_view(), "alerts-test"),
    *both("alerts/active", Active.as_view(), "alerts-active"),
    *both("alerts/<int:alert_id>/acknowledge", Acknowledge.as_view(), "alert-acknowledge"),
    *both("alerts/<int:alert_id>/resolve", Resolve.as_view(), "alert-resolve"),
    *both("alerts/<int:alert_id>/unacknowledge", Unacknowledge.as_view(), "alert-unacknowledge"),
    *both("alerts/<int:alert_id>/snooze", Snooze.as_view(), "alert-snooze"),
    *both("alerts/<int:alert_id>/assign", Assign.as_view(), "alert-assign"),
    *both("alerts/<int:alert_id>/note", Note.as_view(), "alert-note"),
    *routing_urls,
]
