"""What `performance` stores, one file a subject."""

from tradewatch.performance.models.checks import Check as Check
from tradewatch.performance.models.checks import CheckResult as CheckResult
from tradewatch.performance.models.checks import CheckSpan as CheckSpan
from tradewatch.performance.models.disk import DiskSample as DiskSample
from tradewatch.performance.models.disk import DiskWatch as DiskWatch
from tradewatch.performance.models.findings import TraceFinding as TraceFinding
from tradewatch.performance.models.hosts import Host as Host
from tradewatch.performance.models.logs import LogBlock as LogBlock
from tradewatch.performance.models.logs import LogReceipt as LogReceipt
from tradewatch.performance.models.settings import PerformanceSettings as PerformanceSettings
from tradewatch.performance.models.traces import KeptTransaction as KeptTransaction
from tradewatch.performance.models.traces import KeptTransactionPayload as KeptTransactionPayload
from tradewatch.performance.models.traces import SeenTransaction as SeenTransaction
from tradewatch.performance.models.traces import SpanBucket as SpanBucket
from tradewatch.performance.models.traces import SpanGroup as SpanGroup
from tradewatch.performance.models.traces import TaggedMinute as TaggedMinute
from tradewatch.performance.models.traces import TraceHour as TraceHour
from tradewatch.performance.models.traces import TransactionBucket as TransactionBucket
from tradewatch.performance.models.traces import TransactionGroup as TransactionGroup
