"""What `performance` stores, one file a subject."""

from tradewatch.performance.models.checks import Check as Check
from tradewatch.performance.models.checks import CheckResult as CheckResult
from tradewatch.performance.models.checks import CheckSpan as CheckSpan
from tradewatch.performance.models.logs import LogBlock as LogBlock
from tradewatch.performance.models.logs import LogReceipt as LogReceipt
