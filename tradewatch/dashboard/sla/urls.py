"""The pages of SLA targets. Their status, list and report for programs are `sla.urls`."""

from django.urls import path

from tradewatch.core.routes import both
from tradewatch.dashboard.views import sla, sla_corrections

urlpatterns = [
    *both("sla", sla.overview, "sla"),
    *both("sla/<int:target_id>", sla.target, "sla_target"),
    *both("sla/<int:target_id>/correction", sla_corrections.correction, "sla_correction"),
    path(
        "dashboard/actions/corrections/<int:correction_id>/<slug:action>",
        sla_corrections.act_on_correction,
        name="act-on-correction",
    ),
]
