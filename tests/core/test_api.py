from typing import Any

import pytest

from tradewatch.core.api import flat_errors


@pytest.mark.parametrize(
    ("detail", "errors"),
    [
        ({"name": ["is required"]}, {"name": ["is required"]}),
        ({"name": "is required"}, {"name": ["is required"]}),
        ({"rule": {"window": ["too long"]}}, {"rule.window": ["too long"]}),
        ({"metrics": [{}, {"value": ["a number"]}]}, {"metrics.1.value": ["a number"]}),
        ({"non_field_errors": ["out of order"]}, {"body": ["out of order"]}),
        ({"rule": {"non_field_errors": ["out of order"]}}, {"rule": ["out of order"]}),
        (["not a list"], {"body": ["not a list"]}),
        ("plain", {"body": ["plain"]}),
        ({}, {}),
    ],
)
def test_nested_errors_become_dotted_fields(detail: Any, errors: dict[str, list[str]]) -> None:
    assert flat_errors(detail) == errors
