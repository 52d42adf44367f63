from django.apps import AppConfig
from django.utils import timezone

from tradewatch.projects.creation import add_to_new_projects


class SlaConfig(AppConfig):
    name = "sla"
    label = "sla"
    verbose_name = "SLA"

    def ready(self) -> None:
        from sla.collecting import when_collected
        from sla.live import push_targets
        from sla.reports.schedules.set_back import plan_anew
        from sla.services.defaults import ensure_defaults  # its models exist from here on
        from sla.sources.asking import wanted_by
        from sla.sources.own import add_own_sources
        from tradewatch.core.set_back import add_repair
        from tradewatch.performance.traces.asking import add_asker

        add_own_sources()
        when_collected(push_targets)
        add_asker(wanted_by)
        add_repair("reports", plan_anew)
        add_to_new_projects(lambda project: ensure_defaults(project, now=timezone.now()))
