from alerts.routing_api import (
    AcknowledgeGroup,
    ExpireSilence,
    Explain,
    Groups,
    OneSilence,
    Routes,
    Silences,
    WhereTo,
)
from tradewatch.core.routes import both

urlpatterns = [
    *both("alerts/groups", Groups.as_view(), "alerts-groups"),
    *both("alerts/groups/<int:group_id>/acknowledge", AcknowledgeGroup.as_view(), "alerts-group-acknowledge"),
    *both("alerts/<int:alert_id>/why", Explain.as_view(), "alert-why"),
    *both("alerts/silences", Silences.as_view(), "alerts-silences"),
    *both("alerts/silences/<int:silence_id>", OneSilence.as_view(), "alerts-silence"),
    *both("alerts/silences/<int:silence_id>/expire", ExpireSilence.as_view(), "alerts-silence-expire"),
    *both("alerts/routes", Routes.as_view(), "alerts-routes"),
    *both("alerts/routes/test", WhereTo.as_view(), "alerts-routes-test"),
]
