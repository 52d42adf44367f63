from tradewatch.core.routes import both
from tradewatch.errors.api import Metrics, Status, Test

urlpatterns = [
    *both("error-tracking/status", Status.as_view(), "error-tracking-status"),
    *both("error-tracking/metrics", Metrics.as_view(), "error-tracking-metrics"),
    *both("error-tracking/test", Test.as_view(), "error-tracking-test"),
]
