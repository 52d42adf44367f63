from alerts.oncall_api import OnCall, OneOverride, OnePolicy, OneSchedule, Overrides, Policies, Schedules
from tradewatch.core.routes import both

urlpatterns = [
    *both("alerts/oncall", OnCall.as_view(), "alerts-oncall"),
    *both("alerts/schedules", Schedules.as_view(), "alerts-schedules"),
    *both("alerts/schedules/<int:schedule_id>", OneSchedule.as_view(), "alerts-schedule"),
    *both("alerts/schedules/<int:schedule_id>/overrides", Overrides.as_view(), "alerts-overrides"),
    *both("alerts/overrides/<int:override_id>", OneOverride.as_view(), "alerts-override"),
    *both("alerts/policies", Policies.as_view(), "alerts-policies"),
    *both("alerts/policies/<int:policy_id>", OnePolicy.as_view(), "alerts-policy"),
]
