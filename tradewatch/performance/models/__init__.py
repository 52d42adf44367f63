"""What `performance` stores, one file a subject."""

from tradewatch.performance.models.logs import LogBlock as LogBlock
from tradewatch.performance.models.logs import LogReceipt as LogReceipt
