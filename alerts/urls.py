from alerts.api import Acknowledge, Active, Resolve
from tradewatch.core.routes import both

urlpatterns = [
    *both("alerts/active", Active.as_view(), "alerts-active"),
    *both("alerts/<int:alert_id>/acknowledge", Acknowledge.as_view(), "alert-acknowledge"),
    *both("alerts/<int:alert_id>/resolve", Resolve.as_view(), "alert-resolve"),
]
