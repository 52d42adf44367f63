from sla.reports.api import SlaReport
from tradewatch.core.routes import both

urlpatterns = [*both("sla/report", SlaReport.as_view(), "sla-report")]
