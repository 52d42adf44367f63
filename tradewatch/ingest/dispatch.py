"""Which digest an item type goes to. The order is the order of locks in a batch: the same in every process."""

from alerts.heartbeats.digest import CheckInHandler
from debugging.recordings.digest import ReplayHandler
from tradewatch.errors.digest import ErrorHandler
from tradewatch.inbox.handlers import COPIES, Handlers
from tradewatch.inbox.keep import KeepHandler
from tradewatch.ingest.relay.copying import RelayCopier
from tradewatch.performance.custom_metrics.digest import MetricHandler
from tradewatch.performance.logs.digest import LogHandler
from tradewatch.performance.sessions import SessionHandler, SessionsHandler
from tradewatch.performance.thresholds import ITEM_TYPE, ThresholdHandler
from tradewatch.performance.traces.digest import TraceHandler

_recordings = ReplayHandler()  # one for both: a replay and its segment are stored together
_traces = TraceHandler()  # one for both: a batch's transactions and streamed spans are counted together

HANDLERS: Handlers = {
    "event": ErrorHandler(),
    "transaction": _traces,
    "span": _traces,
    "session": SessionHandler(),
    "sessions": SessionsHandler(),
    "log": LogHandler(),
    "trace_metric": MetricHandler(),
    "check_in": CheckInHandler(),
    "replay_event": _recordings,
    "replay_recording": _recordings,
    ITEM_TYPE: ThresholdHandler(),
    "*": KeepHandler(),
    COPIES: RelayCopier(),  # last: what an upstream is sent, counted under a lock that all digests share
}
