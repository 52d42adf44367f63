from alerts.api import Acknowledge, Active, Resolve
from alerts.api_trials import Test
from alerts.oncall_urls import urlpatterns as oncall_urls
from tradewatch.core.routes import both

urlpatterns = [
    *oncall_urls,
    *both("alerts/test", Test.as_view(), "alerts-test"),
    *both("alerts/active", Active.as_view(), "alerts-active"),
    *both("alerts/<int:alert_id>/acknowledge", Acknowledge.as_view(), "alert-acknowledge"),
    *both("alerts/<int:alert_id>/resolve", Resolve.as_view(), "alert-resolve"),
]
