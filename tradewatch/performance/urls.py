from tradewatch.core.routes import both
from tradewatch.performance.api import health, ready
from tradewatch.performance.logs.api import Logs
from tradewatch.performance.prometheus.api import Prometheus

urlpatterns = [
    *both("health", health, "health"),
    *both("health/ready", ready, "health-ready"),
    *both("performance/prometheus", Prometheus.as_view(), "performance-prometheus"),
    *both("performance/logs", Logs.as_view(), "performance-logs"),
]
