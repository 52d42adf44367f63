import pytest

from alerts.heartbeats.digest import CheckInHandler
from tradewatch.errors.digest import ErrorHandler
from tradewatch.inbox.keep import KeepHandler
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.performance.custom_metrics.digest import MetricHandler
from tradewatch.performance.logs.digest import LogHandler
from tradewatch.performance.sessions import SessionHandler, SessionsHandler
from tradewatch.performance.traces.digest import TraceHandler


@pytest.mark.parametrize(
    ("item_type", "handler"),
    [
        ("event", ErrorHandler),
        ("transaction", TraceHandler),
        ("span", TraceHandler),
        ("session", SessionHandler),
        ("sessions", SessionsHandler),
        ("check_in", CheckInHandler),
        ("log", LogHandler),
        ("trace_metric", MetricHandler),
        *((kept, KeepHandler) for kept in ("client_report", "attachment", "feedback", "user_report", "never_heard_of")),
    ],
)
def test_every_item_type_has_a_home(item_type: str, handler: type) -> None:
    assert isinstance(HANDLERS.get(item_type) or HANDLERS["*"], handler)
