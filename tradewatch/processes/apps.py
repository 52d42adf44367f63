from django.apps import AppConfig

from tradewatch.core.status import add_status_section
from tradewatch.facade.failures import failure_counts


class ProcessesConfig(AppConfig):
    name = "tradewatch.processes"
    label = "processes"

    def ready(self) -> None:
        # Here, because the facade must work where Django is not installed, so it cannot say so itself.
        add_status_section("facade", lambda: {"failures": failure_counts()})
