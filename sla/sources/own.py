"""The sources of what this side of `releases` counts."""

from sla.choices import Indicator
from sla.sources.answering import AlertResponse
from sla.sources.custom import CustomRatio, CustomValue
from sla.sources.registry import add_source
from sla.sources.sessions import CrashFree
from sla.sources.transactions import Durations, Failures, Percentiles
from sla.sources.uptime import Uptime


def add_own_sources() -> None:
    for indicator, source in (
        (Indicator.AVAILABILITY, Failures()),
        (Indicator.ERROR_RATE, Failures()),
        (Indicator.LATENCY, Durations()),
        (Indicator.PERCENTILE, Percentiles()),
        (Indicator.UPTIME, Uptime()),
        (Indicator.CRASH_FREE, CrashFree()),
        (Indicator.CUSTOM_RATIO, CustomRatio()),
        (Indicator.CUSTOM_VALUE, CustomValue()),
        (Indicator.ALERT_RESPONSE, AlertResponse()),
    ):
        add_source(indicator, source)
