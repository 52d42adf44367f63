from typing import Any

import pytest

from tradewatch.dashboard.document import read_document
from tradewatch.dashboard.document.crumbs import Crumb, Crumbs


def crumbs_of(*values: dict[str, Any]) -> Crumbs:
    return read_document({"timestamp": 1_700_000_010.0, "breadcrumbs": {"values": list(values)}}).crumbs


def crumb_of(**fields: Any) -> Crumb:
    return crumbs_of(fields).rows[0]


@pytest.mark.parametrize(
    ("at", "offset"),
    [
        (1_700_000_008.5, "−1.500 s"),
        (1_700_000_010.0, "0.000 s"),
        (1_700_000_010.0 - 600, "−10.0 min"),
        (1_700_000_010.0 - 7200, "−2.0 h"),
        ("noon", ""),
        (None, ""),
    ],
)
def test_they_count_back_from_the_event(at: object, offset: str) -> None:
    assert crumb_of(timestamp=at).offset == offset


def test_requests_and_navigation_read_as_a_line() -> None:
    http = crumb_of(
        type="http", category="httplib", data={"method": "GET", "url": "http://quotes/AAPL", "status_code": 200}
    )
    assert http.text == "GET http://quotes/AAPL 200"
    assert http.data == ""
    assert crumb_of(category="navigation", data={"from": "/a", "to": "/b"}).text == "/a → /b"


def test_other_data_is_kept_below_the_words() -> None:
    crumb = crumb_of(category="query", message="SELECT 1", data={"rows": 1})
    assert crumb.text == "SELECT 1"
    assert "rows" in crumb.data


def test_levels_have_their_colour_and_kinds_their_filter() -> None:
    assert crumb_of(level="fatal", category="auth.login").style == "error"
    assert crumb_of(level="warning").style == "warning"
    found = crumbs_of({"category": "ui.click", "level": "info"}, {"category": "ui.input"}, {"type": "http"})
    assert found.kinds == ["http", "ui"]


def test_of_thousands_the_newest_are_shown_and_the_rest_counted() -> None:
    found = crumbs_of(*({"message": f"{n} " + "x" * 300, "data": {"k": "v" * 300}} for n in range(3000)))
    assert found.rows[-1].text.startswith("2999 ")
    assert found.left_out + len(found.rows) == 3000
    assert sum(len(row.text) + len(row.data) for row in found.rows) < 20_000
