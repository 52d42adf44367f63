"""How long the runs and spans of checks are kept, and their deletion in steps that hold the write lock only briefly."""

from datetime import datetime

from django.conf import settings
from django.db.models import Model, QuerySet

from tradewatch.performance.checks.choices import Level
from tradewatch.performance.models import CheckResult, CheckSpan

ROWS_A_STEP = 2000


def delete_old(now: datetime) -> int:
    """Delete good answers after CHECK_RESULT_RETENTION, failures with the events, spans with the metrics.

    Uptime is read from spans: it stays exact. Response times stay as histograms in `metrics`.
    """
    good = now - settings.CHECK_RESULT_RETENTION
    others = now - max(settings.CHECK_RESULT_RETENTION, settings.EVENT_RETENTION)
    return sum(
        _delete_in_steps(rows)
        for rows in (
            CheckResult.objects.filter(at__lt=good, level__in=(Level.OK, Level.SLOW)),
            CheckResult.objects.filter(at__lt=others),
            CheckSpan.objects.filter(ended_at__lt=now - settings.METRIC_RETENTION),
        )
    )


def _delete_in_steps(rows: QuerySet[CheckResult] | QuerySet[CheckSpan]) -> int:
    deleted, model = 0, rows.model
    while step := list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_A_STEP]):
        deleted += _manager(model).filter(pk__in=step).delete()[0]
    return deleted


def _manager(model: type[Model]) -> QuerySet[Model]:
    return model._default_manager.all()
