"""`alert_manager`: opens and ends alerts in TradeWatch from the application's code.

Nothing here raises into its caller (see `failures`), and nothing waits on the network: a thread sends.
"""

import atexit
from collections.abc import Mapping
from typing import Any

from tradewatch.facade.alerts import AlertCategory, AlertSeverity, said_alert
from tradewatch.facade.backends import backend_of_this_process
from tradewatch.facade.background import Background
from tradewatch.facade.failures import swallowed

__all__ = ["AlertCategory", "AlertManager", "AlertSeverity", "alert_manager"]

EXIT_FLUSH_SECONDS = 3.0


class AlertManager:
    def __init__(self) -> None:
        self._background = Background("create_alert")

    def create_alert(
        self,
        title: str,
        message: str = "",
        severity: AlertSeverity | str = AlertSeverity.WARNING,
        category: AlertCategory | str = AlertCategory.SYSTEM,
        source: str = "application",
        tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        environment: str = "",
        dedup_key: str | None = None,
        project: str | None = None,
    ) -> str | None:
        """Open an alert, or count it on the open one of its key. Returns the key; None when it cannot be sent.

        Without a `dedup_key` it is a hash of source, title and tags. `project` is a slug; without one it is the
        token's only project, else `default`.
        """
        with swallowed("create_alert"):
            said = said_alert(
                title=title,
                message=message,
                severity=severity,
                category=category,
                source=source,
                environment=environment,
                tags=tags,
                metadata=metadata,
                dedup_key=dedup_key,
                project=project,
            )
            backend = backend_of_this_process()
            if self._background.add(lambda: backend.send_alert(said)):
                return said.dedup_key
        return None

    def resolve_alert(self, dedup_key: str, *, project: str | None = None) -> bool:
        """End the open alert of the key that `create_alert` returned; none open: nothing happens.

        Returns whether it will be sent.
        """
        with swallowed("resolve_alert"):
            backend = backend_of_this_process()
            return self._background.add(lambda: backend.end_alert(dedup_key, project))
        return False

    def flush(self, *, timeout_seconds: float = EXIT_FLUSH_SECONDS) -> bool:
        """Wait until what was said is sent, at most `timeout_seconds`; return whether it is."""
        return self._background.flush(timeout_seconds=timeout_seconds)


alert_manager = AlertManager()
atexit.register(alert_manager.flush)
