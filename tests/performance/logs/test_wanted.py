import pytest

from tradewatch.errors.search.faults import BadQuery
from tradewatch.performance.logs.blocks import STORED, Block, blocks_of, stored_block
from tradewatch.performance.logs.columns import table_of
from tradewatch.performance.logs.lines import Line
from tradewatch.performance.logs.search.checks import places_of
from tradewatch.performance.logs.search.wanted import wanted_of

TRACE, SPAN = "4ea045a35c3647899371e25826f9209e", "bc481e700ee04068"
RISK, LIST = "app.risk", ["lmax", "xlon"]
LINES = [
    Line(0, 9, "Order 17 filled at LMAX", TRACE, SPAN, {"symbol": "ACME", "quantity": 12, "logger.name": "app.orders"}),
    Line(1, 13, "Margin call: 80% used", TRACE, "", {"symbol": "acme", "quantity": 12.5, "sentry.release": "2.0.1"}),
    Line(
        2,
        17,
        "order 18 rejected: limit 100%_",
        "",
        "",
        {"quantity": "12", "venues": ["lmax", "xlon"], "is_short": True},
    ),
    Line(
        3,
        21,
        "ÄRGER bei Order\nsecond row",
        "b" * 32,
        SPAN,
        {"symbol": "BETA", "price": -0.5, "logger.name": "app.risk"},
    ),
    Line(4, 2, "", "", "", {}),
]


@pytest.fixture(scope="module")
def block() -> Block:
    [draft] = blocks_of(table_of(LINES), project_id=1, environment="production", is_loose=True)
    return stored_block([getattr(draft, name) for name in STORED])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("order", [0, 2, 3]),
        ("ORDER filled", [0]),
        ('"order 1"', [0, 2]),
        ("order*filled", [0]),
        ("filled*order", []),
        ("100%_", [2]),
        ("ärger", [3]),
        ('"second row"', [3]),
        ("!order", [1, 4]),
        ("message:order", [0, 2, 3]),
        ('message:margin,"second row"', [1, 3]),
        ("level:error", [2]),
        ("level:error,fatal", [2, 3]),
        ("level:>=warn", [1, 2, 3]),
        ("level:<info", [4]),
        ("!level:>=warn", [0, 4]),
        ("level:WARNING", [1]),
        ("severity:critical", [3]),
        ("level:error level:info", []),
        (f"trace:{TRACE}", [0, 1]),
        (f"trace_id:{TRACE.upper()}", [0, 1]),
        (TRACE, [0, 1]),
        (f"!trace:{TRACE}", [2, 3, 4]),
        (f"trace:{TRACE},{'b' * 32}", [0, 1, 3]),
        (f"span:{SPAN}", [0, 3]),
        (f"span:{'0' * 15}1", []),
        ("symbol:ACME", [0]),
        ("symbol:acme", [1]),
        ("symbol:*C*", [0]),
        ("symbol:A*,B*", [0, 3]),
        ("!symbol:ACME", [1, 2, 3, 4]),
        ("quantity:12", [0, 2]),
        ("quantity:12.0", [0]),
        ("quantity:>12", [1]),
        ("quantity:>=12", [0, 1]),
        ("price:<0", [3]),
        ("venues:xlon", [2]),
        ("is_short:true", [2]),
        ("is_short:True", []),
        ("logger:app.*", [0, 3]),
        ("logger.name:app.risk", [3]),
        ("release:2.0*", [1]),
        ("has:symbol", [0, 1, 3]),
        ("!has:logger", [1, 2, 4]),
        ("environment:production", [0, 1, 2, 3, 4]),
        ("environment:staging", []),
        ("!env:prod*", []),
        ("unknown:x", []),
        ("level:info symbol:ACME order logger:app.orders", [0]),
        ("*", [0, 1, 2, 3, 4]),
    ],
)
def test_which_lines_fit(block: Block, query: str, expected: list[int]) -> None:
    assert list(places_of(wanted_of(query).checks, block)) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("level:loud", "one of trace, debug, info, warn, error, fatal"),
        ("level:err*", "one of trace"),
        ("trace:12", "an id of 32 hex digits"),
        ("span:xyz", "an id of 16 hex digits"),
        ("quantity:>many", "a number such as >100"),
        ("message:>x", "a value without >"),
        ("has:sym*", "the whole name"),
        ('"open', 'a closing "'),
        ("symbol:", "a value for symbol"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(query: str, expected: str) -> None:
    with pytest.raises(BadQuery) as fault:
        wanted_of(query)
    assert expected in fault.value.detail and "at character" in fault.value.detail


@pytest.mark.parametrize(
    ("query", "levels", "trace_id"),
    [
        ("", 0, ""),
        ("level:trace", 1, ""),
        ("level:>=error", 0b110000, ""),
        (f"trace:{TRACE} x", 0, TRACE),
        (f"!trace:{TRACE}", 0, ""),
        (TRACE, 0, ""),
    ],
)
def test_what_the_database_may_leave_out(query: str, levels: int, trace_id: str) -> None:
    wanted = wanted_of(query)
    assert (wanted.levels, wanted.trace_id) == (levels, trace_id)


@pytest.mark.parametrize(("query", "expected"), [("", True), ("level:error", True), ("x", False), ("env:x", False)])
def test_counters_know_levels_and_nothing_else(query: str, expected: bool) -> None:
    assert wanted_of(query).is_countable is expected
