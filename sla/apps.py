from django.apps import AppConfig
from django.utils import timezone

from tradewatch.projects.creation import add_to_new_projects


class SlaConfig(AppConfig):
    name = "sla"
    label = "sla"
    verbose_name = "SLA"

    def ready(self) -> None:
        from sla.services.defaults import ensure_defaults  # its models exist from here on
        from sla.sources.own import add_own_sources

        add_own_sources()
        add_to_new_projects(lambda project: ensure_defaults(project, now=timezone.now()))
