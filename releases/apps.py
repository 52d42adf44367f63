from django.apps import AppConfig

from sla.choices import Indicator
from tradewatch.metrics.markers import add_marker_source


class ReleasesConfig(AppConfig):
    name = "releases"
    label = "releases"

    def ready(self) -> None:
        from releases.deployments.indicator import DeploymentsInTime
        from releases.deployments.markers import deployment_markers  # its models exist from here on
        from releases.gate.budgets import read_budgets
        from releases.rollbacks.set_back import plan_anew
        from releases.rollbacks.verifying import verify_by_look
        from releases.verdicts.aftermath import add_look_listener
        from sla.collecting import when_collected
        from sla.sources import add_source
        from tradewatch.core.set_back import add_repair

        add_look_listener(verify_by_look)
        add_marker_source("deployments", deployment_markers)
        add_source(Indicator.DEPLOYMENT, DeploymentsInTime())
        when_collected(read_budgets)
        add_repair("rollbacks", plan_anew)
