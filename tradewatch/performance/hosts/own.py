"""TradeWatch's own host, collected by whichever worker the clock asks. It belongs to the first project."""

import re
import socket
import threading
from datetime import datetime

from django.conf import settings

from tradewatch.core.actors import SYSTEM
from tradewatch.performance.hosts.collector import Collector, platform_words
from tradewatch.performance.hosts.reports import Sampled
from tradewatch.performance.hosts.services import Report, take_report
from tradewatch.projects.queries import first_project

_collector, _turn = Collector(), threading.Lock()


def collect_own(now: datetime) -> bool:
    """Store a sample of this machine; False when it is switched off, under way already, or there is no project."""
    if not settings.WATCH_OWN_HOST or not _turn.acquire(blocking=False):
        return False
    try:
        sample = _collector.collect()
        project = first_project()
        if project is None:
            return False
        report = Report(
            name=host_name(),
            samples=[Sampled(0.0, sample.points, sample.late)],
            platform=platform_words(),
            agent_version=settings.VERSION,
            interval_seconds=settings.SENTRY_METRICS_FLUSH_INTERVAL,
            is_own=True,
        )
        take_report(SYSTEM, project, report, now=now)
    finally:
        _turn.release()
    return True


def host_name() -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:100].lstrip(".-_") or "localhost"
