"""What is wrong with a definition is said by its field; equal questions have one form."""

from decimal import Decimal
from typing import Any

import pytest

from sla.sources import definition_faults, source_of
from tests.performance.checks.builders import make_check
from tests.projects.builders import make_project

pytestmark = pytest.mark.django_db

SOUND: list[tuple[str, dict[str, Any]]] = [
    ("availability", {}),
    ("availability", {"transaction": "POST /orders"}),
    ("error_rate", {"transaction": ""}),
    ("latency", {"threshold_seconds": 0.5}),
    ("latency", {"threshold_seconds": Decimal("0.300"), "transaction": "POST /orders"}),
    ("percentile", {"threshold_seconds": 0.5, "quantile": 0.95}),
    ("percentile", {"threshold_seconds": "0.5"}),
    ("uptime", {}),
    ("custom_ratio", {"good": "orders.filled", "total": "orders"}),
    ("custom_ratio", {"good": "a", "total": "b", "filter": {"venue": "XNYS"}}),
    ("custom_value", {"metric": "slippage", "operator": "<=", "threshold": 0}),
    ("custom_value", {"metric": "fill", "operator": ">=", "threshold": -2.5}),
    ("crash_free", {}),
    ("crash_free", {"users": False}),
    ("alert_response", {"seconds": 900}),
]
FAULTY: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("availability", {"transaction": 5}, {"transaction": "must be a text"}),
    ("availability", {"quantile": 0.5}, {"quantile": "is not asked for here"}),
    ("latency", {}, {"threshold_seconds": "must be seconds from 0.001"}),
    ("latency", {"threshold_seconds": True}, {"threshold_seconds": "must be seconds"}),
    ("latency", {"threshold_seconds": float("nan")}, {"threshold_seconds": "must be seconds"}),
    ("latency", {"threshold_seconds": 10**400}, {"threshold_seconds": "must be seconds"}),
    ("percentile", {"threshold_seconds": 1, "quantile": 95}, {"quantile": "between 0 and 1"}),
    ("uptime", {"check": "api"}, {"check": "must be the id of a check"}),
    ("uptime", {"check": 10**6}, {"check": "must be the id of a check of this project"}),
    ("custom_ratio", {"good": "a"}, {"total": "must be a text"}),
    ("custom_ratio", {"good": "a", "total": "b", "filter": ["x"]}, {"filter": "must be {attribute: value}"}),
    ("custom_value", {"metric": "a", "operator": "<", "threshold": 1}, {"operator": '"<=" or ">="'}),
    ("custom_value", {"metric": "a", "operator": "<="}, {"threshold": "must be a number"}),
    ("crash_free", {"users": True}, {"users": "not whose they are"}),
    ("alert_response", {"seconds": 0}, {"seconds": "must be seconds from 1"}),
    ("nonsense", {}, {"indicator": "Nothing counts nonsense here."}),
]


@pytest.mark.parametrize(("indicator", "definition"), SOUND)
def test_sound_definitions_have_no_faults_and_one_form(indicator: str, definition: dict[str, Any]) -> None:
    assert definition_faults(indicator, definition, make_project()) == {}
    canonical = source_of(indicator).canonical(definition)
    assert source_of(indicator).canonical(canonical) == canonical


@pytest.mark.parametrize(("indicator", "definition", "expected"), FAULTY)
def test_faults_name_the_field_and_what_is_expected(
    indicator: str, definition: dict[str, Any], expected: dict[str, str]
) -> None:
    faults = definition_faults(indicator, definition, make_project())
    assert faults.keys() == expected.keys()
    assert all(expected[name] in faults[name][0] for name in expected)


@pytest.mark.parametrize(
    ("indicator", "one", "other"),
    [
        ("latency", {"threshold_seconds": 2}, {"threshold_seconds": Decimal("2.0001")}),  # whole milliseconds
        ("percentile", {"threshold_seconds": 0.5, "quantile": 0.95}, {"threshold_seconds": "0.5", "quantile": 0.99}),
        ("availability", {}, {"transaction": ""}),
        (
            "custom_value",
            {"metric": "a", "operator": "<=", "threshold": 0},
            {"metric": "a", "operator": "<=", "threshold": 0.0},
        ),
        ("alert_response", {"seconds": 900}, {"seconds": 900.0}),
    ],
)
def test_equal_questions_have_one_form(indicator: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    canonical = source_of(indicator).canonical
    assert canonical(one) == canonical(other)


def test_a_check_must_be_one_of_the_project() -> None:
    check = make_check()
    assert definition_faults("uptime", {"check": check.pk}, check.project) == {}
    assert "check" in definition_faults("uptime", {"check": check.pk}, make_project(slug="other"))
