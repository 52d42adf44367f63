"""How long buckets of each width are kept. All are written at once, each goes at its age: the past gets coarser."""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings

from tradewatch.metrics.models import Resolution


def bucket_ages() -> Mapping[Resolution, timedelta]:
    """Return the ages by setting; a narrower bucket never outlives a wider one."""
    return {
        Resolution.MINUTE: min(settings.METRIC_MINUTE_RETENTION, settings.METRIC_RETENTION),
        Resolution.HOUR: settings.METRIC_RETENTION,
        Resolution.DAY: max(settings.METRIC_DAY_RETENTION, settings.METRIC_RETENTION),
    }
