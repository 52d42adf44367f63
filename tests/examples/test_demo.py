import socket

import pytest
from pytest_httpserver import HTTPServer

from examples.trading_app.demo import NoTradeWatch, check_tradewatch, farewell, find_dsn, summary
from examples.trading_app.traffic import Counts


def test_the_dsn_of_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWATCH_DSN", " http://k@h/1 ")
    assert find_dsn() == "http://k@h/1"


@pytest.mark.parametrize("prefix", ["", "/watch"])
def test_the_dsn_says_where_tradewatch_is(httpserver: HTTPServer, prefix: str) -> None:
    httpserver.expect_request(f"{prefix}/health").respond_with_json({"status": "ok"})
    address = f"http://127.0.0.1:{httpserver.port}"
    assert check_tradewatch(f"http://key@127.0.0.1:{httpserver.port}{prefix}/1") == f"{address}{prefix}"


def test_without_tradewatch_it_says_what_to_start() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(NoTradeWatch, match="make run"):
            check_tradewatch(f"http://key@127.0.0.1:{free.getsockname()[1]}/1")


def test_the_summary_gives_each_count() -> None:
    counts = Counts(
        sent=3, answers={"POST /orders": {"500": 1, "201": 2}}, settlements={"settled": 2, "failed": 0, "filled": 0}
    )
    assert [line.split() for line in summary(counts).splitlines()] == [
        ["3", "requests"],
        ["POST", "/orders", "201:", "2", "500:", "1"],
        ["settlements:", "2", "settled,", "0", "failed"],
    ]


def test_it_ends_by_naming_the_incident() -> None:
    said = farewell("http://127.0.0.1:8000")
    assert "http://127.0.0.1:8000/error-dashboard.html" in said
    assert "trading-api@2.0.1" in said
