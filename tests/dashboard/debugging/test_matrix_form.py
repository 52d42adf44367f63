"""The form of a matrix: a value a line, or variants as JSON."""

from typing import Any

import pytest

from tradewatch.core.faults import Invalid
from tradewatch.dashboard.debugging.matrix_form import matrix_of

PUT = {"method": "PUT"}


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ({"place": " body /quantity ", "values": '200\r\n"200"\n\nnull\nacc-4 \ntrue'},
         {"axes": {"body /quantity": [200, "200", None, "acc-4", True]}}),
        ({"variants": '[{"method": "PUT"}, {"title": "put", "modifications": {"method": "PUT"}}]'},
         {"variants": [{"modifications": PUT}, {"title": "put", "modifications": PUT}]}),
        ({"place": "body /quantity", "values": " ", "variants": "[{}]"}, {"variants": [{"modifications": {}}]}),
    ],
)  # fmt: skip
def test_texts_become_what_is_asked(sent: dict[str, str], asked: dict[str, Any]) -> None:
    assert matrix_of(sent) == asked


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "place"),
        ({"place": "body /a"}, "values"),
        ({"variants": "[{]"}, "variants"),
        ({"variants": '{"method": "PUT"}'}, "variants"),
        ({"place": "method", "values": "PUT", "variants": "[{}]"}, "variants"),
    ],
)
def test_a_fault_stands_at_its_field(sent: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        matrix_of(sent)
    assert list(caught.value.errors) == [field]
