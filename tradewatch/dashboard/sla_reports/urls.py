from django.urls import path

from tradewatch.core.routes import both
from tradewatch.dashboard.sla_reports import views

urlpatterns = [
    *both("sla/reports", views.reports, "sla-reports"),
    *both("sla/reports/<int:report_id>", views.kept, "sla-report-kept"),
    *both("sla/reports/<int:report_id>/<slug:form>", views.download, "sla-report-file"),
    path("dashboard/actions/sla-reports/keep", views.keep_report, name="keep-sla-report"),
    path("dashboard/actions/sla-reports/<int:report_id>/verify", views.verify, name="verify-sla-report"),
]
