from tradewatch.core.routes import both
from tradewatch.dashboard.views import traces

urlpatterns = [
    *both("traces", traces.traces, "traces"),
    *both("traces/<str:trace_id>", traces.trace, "trace"),
    *both("traces/<str:trace_id>/json", traces.trace_json, "trace-json"),
]
