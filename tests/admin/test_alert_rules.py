"""Alert rules as people write them: a rule that cannot be judged is refused at its field."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from alerts.models import AlertRule

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
