"""Celery finds the tasks of an app here; each subject has its own."""

from tradewatch.performance.logs.tasks import delete_old_logs as delete_old_logs
