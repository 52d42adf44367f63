from django.apps import AppConfig

from tradewatch.core.status import add_status_section
from tradewatch.facade.failures import failure_counts
from tradewatch.metrics.own.registry import add_measures


class ProcessesConfig(AppConfig):
    name = "tradewatch.processes"
    label = "processes"

    def ready(self) -> None:
        # Here, because the facade must work where Django is not installed, so it cannot say so itself.
        from django.utils import timezone

        from tradewatch.core import backup_state
        from tradewatch.core.set_back import add_repair
        from tradewatch.performance.readiness import add_readiness_check
        from tradewatch.processes.backup import set_back as backups
        from tradewatch.processes.erasing.set_back import plan_anew
        from tradewatch.processes.own_measures import MEASURES, read_processes
        from tradewatch.processes.readiness import check_broker, check_workers

        add_readiness_check("broker", check_broker)
        add_readiness_check("workers", check_workers)
        add_measures("processes", "Clock, workers, backups", MEASURES, read_processes)
        add_repair("backups", backups.plan_anew)
        add_repair("erasures", plan_anew)
        add_status_section("backup", lambda: backup_state.as_status(timezone.now()))
        add_status_section("facade", lambda: {"failures": failure_counts()})
