import pytest

from alerts.measures.faults import faults_of
from tests.alerts.measures.builders import make_rule


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("metric", {"series": ""}, "series"),
        ("latency", {"series": ""}, "series"),
        ("absence", {"series": ""}, "series"),
        ("metric", {"series": "orders.rejected", "aggregate": "ratio"}, "of_series"),
        ("metric", {"series": "orders", "threshold": None}, "threshold"),
        ("metric", {"series": "orders", "threshold": float("nan")}, "threshold"),
        ("metric", {"series": "orders", "threshold": float("inf")}, "threshold"),
        ("error_rate", {"threshold": 5.0}, "threshold"),
        ("error_rate_rise", {"threshold": 1.0}, "threshold"),
        ("issue_frequency", {"threshold": None}, "threshold"),
        ("users_affected", {"threshold": None}, "threshold"),
        ("latency", {"series": "transactions", "quantile": 95}, "quantile"),
        ("latency", {"series": "transactions", "quantile": 0}, "quantile"),
        ("issue_frequency", {"window_seconds": 90}, "window_seconds"),
        ("issue_frequency", {"window_seconds": 0}, "window_seconds"),
        ("issue_frequency", {"window_seconds": 90_000}, "window_seconds"),
        ("issue_frequency", {"window_seconds": 43_200, "for_seconds": 60}, "window_seconds"),
        ("issue_frequency", {"for_seconds": 30}, "for_seconds"),
        ("issue_frequency", {"for_seconds": 7_200}, "for_seconds"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused_at_its_field(kind, fields, field) -> None:
    assert list(faults_of(make_rule(kind, **fields))) == [field]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("new_issue", {"threshold": None}),
        ("error_rate", {"threshold": None}),
        ("error_rate", {"threshold": 0.05}),
        ("error_rate_rise", {"threshold": 3.0}),
        ("metric", {"series": "orders", "threshold": -1.0, "comparison": "below"}),
        ("metric", {"series": "a", "of_series": "b", "aggregate": "ratio", "threshold": 0.1}),
        ("latency", {"series": "transactions", "quantile": 1.0}),
        ("absence", {"series": "transactions", "threshold": None}),
        ("issue_frequency", {"window_seconds": 86_400}),
        ("issue_frequency", {"window_seconds": 21_600, "for_seconds": 3_600}),
    ],
)
def test_a_sound_rule_has_no_faults(kind, fields) -> None:
    assert faults_of(make_rule(kind, **fields)) == {}
