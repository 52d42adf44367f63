from django.apps import AppConfig

from tradewatch.metrics.exports import add_export
from tradewatch.metrics.markers import add_band_source
from tradewatch.metrics.own.registry import add_measures


class AlertsConfig(AppConfig):
    name = "alerts"
    label = "alerts"

    def ready(self) -> None:
        from alerts.chart_bands import alert_bands  # its models exist from here on
        from alerts.exports import alert_families
        from alerts.heartbeats import set_back as heartbeats
        from alerts.own_measures import MEASURES, read_alerts
        from alerts.set_back import plan_anew
        from tradewatch.core.set_back import add_repair

        add_band_source("alerts", alert_bands)
        add_export("alerts", alert_families)
        add_measures("alerts", "Alerts and messages", MEASURES, read_alerts)
        add_repair("alerts", plan_anew)
        add_repair("heartbeats", heartbeats.plan_anew)
