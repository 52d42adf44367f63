"""`sla_monitor`: how the SLA stands, its report, and other targets, from the application's code.

Each call waits for its answer, over HTTP a few seconds at most, and never raises into its caller (see `failures`): what
cannot be had is counted, and answered with `None` or nothing in it. Coroutines call it by `asyncio.to_thread`.
"""

from typing import Any

from tradewatch.facade.backends import backend_of_this_process
from tradewatch.facade.failures import swallowed

__all__ = ["SlaMonitor", "sla_monitor"]


class SlaMonitor:
    def get_sla_status(self, *, project: str | None = None, environment: str | None = None) -> dict[str, Any]:
        """Return what `GET /sla/status` answers: {"overall", "targets"}. Not to be had: no_data, and no targets.

        `project` is a slug; without one all that the token may see.
        """
        with swallowed("get_sla_status"):
            answer = backend_of_this_process().sla_status(project, environment)
            if answer is not None:
                return answer
        return {"overall": "no_data", "targets": []}

    def generate_sla_report(
        self, period_days: int = 30, *, period: str | None = None, project: str | None = None
    ) -> dict[str, Any] | None:
        """Return what `GET /sla/report` answers, over the last `period_days` or a `period` by name: 2026-10.

        None: not to be had. `project` is a slug; without one the token's only project, else `default`.
        """
        with swallowed("generate_sla_report"):
            asked = {"period": period} if period else {"period_days": str(int(period_days))}
            return backend_of_this_process().sla_report(asked, project)
        return None

    def update_sla_target(
        self,
        metric_name: str,
        target_value: float | None = None,
        warning_threshold: float | None = None,
        critical_threshold: float | None = None,
        *,
        reason: str = "",
        project: str | None = None,
    ) -> dict[str, Any] | None:
        """Promise other values from now on; what is left out stays. Ratios from 0 to 1, times in seconds.

        Returns what `POST /sla/targets/{metric_name}/update` answers: the version in force. None: refused, which
        changed nothing, or not sent.
        """
        with swallowed("update_sla_target"):
            values = {
                "target_value": target_value,
                "warning_threshold": warning_threshold,
                "critical_threshold": critical_threshold,
            }
            body = {name: float(value) for name, value in values.items() if value is not None}
            return backend_of_this_process().update_sla_target(
                str(metric_name), {**body, "reason": reason[:300]}, project
            )
        return None


sla_monitor = SlaMonitor()
