from tradewatch.core.routes import both
from tradewatch.dashboard.metrics_explorer import views

urlpatterns = [*both("performance/metrics-explorer", views.explorer, "metrics-explorer")]
