"""Alert rules as people write them: a rule that cannot be judged is refused at its field."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from alerts.models import AlertRule
from tests.metrics.points.builders import a_point
from tradewatch.metrics.points.writing import add_points

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Rejected orders",
    "kind": "metric",
    "series": "orders.rejected",
    "of_series": "orders",
    "aggregate": "ratio",
    "comparison": "above",
    "threshold": "0.1",
    "quantile": "0.95",
    "window_seconds": "300",
    "for_seconds": "0",
    "minimum_count": "20",
    "is_enabled": "on",
}


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("chief", "chief@desk.example", "pass word 1"))
    return client


def test_a_sound_rule_is_saved(client: Client) -> None:
    answer = client.post(reverse("admin:alerts_alertrule_add"), FIELDS)
    assert answer.status_code == 302
    rule = AlertRule.objects.get(name="Rejected orders")
    assert (rule.aggregate, rule.threshold) == ("ratio", 0.1)


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"of_series": ""}, "of_series", "a share needs the series it is a share of"),
        ({"threshold": ""}, "threshold", "expected a number"),
        ({"window_seconds": "90"}, "window_seconds", "whole minutes, from 60 to 86400 seconds"),
        ({"window_seconds": "soon"}, "window_seconds", "Enter a whole number."),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused_at_its_field(client, fields, field, says) -> None:
    answer = client.post(reverse("admin:alerts_alertrule_add"), {**FIELDS, **fields})
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert list(errors) == [field]
    assert says in str(errors[field])
    assert not AlertRule.objects.filter(name="Rejected orders").exists()


CUSTOM = {
    **FIELDS,
    "name": "Slow orders",
    "kind": "custom_metric",
    "series": "orders.latency",
    "of_series": "",
    "aggregate": "count",
    "statistic": "p95",
    "attributes": "venue=XNYS|XLON",
    "group_by": "venue",
    "threshold": "250",
}


def test_a_rule_over_a_custom_metric_takes_the_unit_that_the_metric_has(client: Client) -> None:
    add_points([a_point(name="orders.latency", type="distribution", unit="millisecond")])
    assert client.post(reverse("admin:alerts_alertrule_add"), CUSTOM).status_code == 302
    rule = AlertRule.objects.get(name="Slow orders")
    assert (rule.statistic, rule.attributes, rule.group_by, rule.unit) == (
        "p95",
        "venue=XNYS|XLON",
        "venue",
        "millisecond",
    )


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"series": ""}, "series", "name what is counted"),
        ({"statistic": ""}, "statistic", "choose what of the metric"),
        ({"attributes": "venue"}, "attributes", "expected name=value"),
        ({"threshold": ""}, "threshold", "expected a number"),
    ],
)
def test_a_rule_over_a_custom_metric_is_refused_at_its_field(client, fields, field, says) -> None:
    answer = client.post(reverse("admin:alerts_alertrule_add"), CUSTOM | fields)
    assert answer.status_code == 200
    assert says in str(answer.context["adminform"].form.errors[field])


def test_the_form_says_what_the_fields_of_a_custom_metric_mean(client: Client) -> None:
    page = client.get(reverse("admin:alerts_alertrule_add")).content.decode()
    for text in (
        "Custom metric beyond a threshold",
        "venue=XNYS|XLON, side=buy",
        "each value of this attribute by itself",
    ):
        assert text in page
