"""Celery finds the tasks of an app here; each subject has its own."""

from tradewatch.performance.checks.tasks import clean_checks as clean_checks
from tradewatch.performance.checks.tasks import run_checks as run_checks
from tradewatch.performance.disk.tasks import sample_disk as sample_disk
from tradewatch.performance.hosts.tasks import clean_hosts as clean_hosts
from tradewatch.performance.hosts.tasks import collect_own_host as collect_own_host
from tradewatch.performance.hosts.tasks import look_at_hosts as look_at_hosts
from tradewatch.performance.logs.tasks import delete_old_logs as delete_old_logs
from tradewatch.performance.logs.tasks import pack_logs as pack_logs
from tradewatch.performance.traces.tasks import delete_old_traces as delete_old_traces
from tradewatch.performance.traces.tasks import examine_traces as examine_traces
