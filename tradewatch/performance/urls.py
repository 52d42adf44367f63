from tradewatch.core.routes import both
from tradewatch.performance.api import health, ready
from tradewatch.performance.api_metrics import PerformanceMetrics
from tradewatch.performance.checks.urls import urlpatterns as of_checks
from tradewatch.performance.custom_metrics.api import MetricNames, MetricSeriesView
from tradewatch.performance.hosts.api import Hosts, OneHost
from tradewatch.performance.logs.api import Logs
from tradewatch.performance.prometheus.api import Prometheus
from tradewatch.performance.traces.trace_api import OneTrace

urlpatterns = [
    *both("health", health, "health"),
    *both("health/ready", ready, "health-ready"),
    *both("performance/metrics", PerformanceMetrics.as_view(), "performance-metrics"),
    *both("performance/metrics/names", MetricNames.as_view(), "performance-metric-names"),
    *both("performance/metrics/<str:name>/series", MetricSeriesView.as_view(), "performance-metric-series"),
    *both("performance/prometheus", Prometheus.as_view(), "performance-prometheus"),
    *both("performance/logs", Logs.as_view(), "performance-logs"),
    *both("performance/traces/<str:trace_id>", OneTrace.as_view(), "performance-trace"),
    *of_checks,
    *both("performance/hosts", Hosts.as_view(), "performance-hosts"),
    *both("performance/hosts/<int:host_id>", OneHost.as_view(), "performance-host"),
]
