import json
import time
from pathlib import Path

import pytest
from django.test import Client

from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.models import IdempotentAnswer
from tradewatch.inbox.digest import digest_batch
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.metrics.models import Metric
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.reading import over
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/performance/metrics"


@pytest.fixture(autouse=True)
def _own_queue(inbox: Path) -> None:
    """What is queued is digested by nobody else."""


@pytest.fixture
def project():
    return make_project()


@pytest.fixture
def token(project):
    return bearer("performance:write")


@pytest.fixture
def post(client: Client, token):
    def posted(body: object, **headers: str):
        return client.post(PATH, json.dumps(body), content_type="application/json", headers={**token, **headers})

    return posted


def value_of(project, name="fills", aggregation="sum", **asked):
    digest_batch(HANDLERS)
    now = int(time.time())
    return over(Question([project.pk], name, aggregation, **asked), now - 86_400, now + 60).get("")


def test_points_are_accepted_and_counted(post, project):
    now = time.time()
    answer = post(
        {
            "metrics": [
                {"name": "fills", "type": "counter", "value": 2, "attributes": {"venue": "XNYS"}, "timestamp": now},
                {"name": "fills", "type": "counter", "value": 3, "attributes": {"venue": "XLON"}},
                {"name": "latency", "type": "distribution", "value": 12.5, "unit": "ms"},
            ],
            "environment": "staging",
        },
    )
    assert (answer.status_code, answer.json()) == (202, {"accepted": 3, "rejected": []})
    assert value_of(project) == 5.0
    assert value_of(project, filters={"venue": ["XNYS"]}, environment="staging") == 2.0
    assert value_of(project, "latency", "max", unit="millisecond") == 12.5


def test_what_is_wrong_is_said_by_index_and_field_and_the_rest_is_counted(post, project):
    answer = post(
        {
            "metrics": [
                {"name": "fills", "type": "counter", "value": 1},
                {"name": "2 fills", "type": "set", "value": "x"},
                "nonsense",
                {"name": "fills", "type": "counter", "value": 1, "timestamp": time.time() + 600},
                {"name": "fills", "type": "counter", "value": 1, "attributes": {"sentry.release": "x"}},
            ]
        },
    )
    assert answer.status_code == 202
    told = answer.json()
    assert told["accepted"] == 1
    assert [(each["index"], sorted(each["errors"])) for each in told["rejected"]] == [
        (1, ["name", "type", "value"]),
        (2, ["metric"]),
        (3, ["timestamp"]),
        (4, ["attributes"]),
    ]
    assert told["rejected"][2]["errors"]["timestamp"][0].endswith("s in the future")
    assert value_of(project) == 1.0


@pytest.mark.parametrize(
    "body", [{}, {"metrics": []}, {"metrics": "x"}, [], "x", {"metrics": [{}] * 10_001}, {"metrics": {"name": "x"}}]
)
def test_what_is_no_list_of_points_is_refused_as_a_whole(post, body):
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_repeated_key_counts_once(post, project):
    body = {"metrics": [{"name": "fills", "type": "counter", "value": 1, "timestamp": time.time() - 5}]}
    first, second = (post(body, **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert first.json() == second.json() and second["Idempotency-Replayed"] == "true"
    assert value_of(project) == 1.0


def test_without_a_key_equal_posts_are_two(post, project):
    body = {"metrics": [{"name": "fills", "type": "counter", "value": 1, "timestamp": time.time() - 5}]}
    for _ in range(2):
        post(body)
    assert value_of(project) == 2.0


def test_a_key_counts_once_even_when_the_first_answer_was_never_kept(post, project):
    body = {"metrics": [{"name": "fills", "type": "counter", "value": 1, "timestamp": time.time() - 5}]}
    for _ in range(2):
        assert post(body, **{"Idempotency-Key": "k-1"}).status_code == 202
        IdempotentAnswer.objects.all().delete()
    assert value_of(project) == 1.0


def test_switched_off_it_says_so(post, settings):
    settings.SENTRY_ENABLE_CUSTOM_METRICS = False
    answer = post({"metrics": [{"name": "fills", "type": "counter", "value": 1}]})
    assert answer.status_code == 409
    assert "SENTRY_ENABLE_CUSTOM_METRICS" in answer.json()["detail"]


def test_only_those_who_may_write(client, project):
    body = {"metrics": [{"name": "fills", "type": "counter", "value": 1}]}
    for credentials, wanted in ((bearer("performance:read"), 403), ({}, 401)):
        answer = client.post(PATH, json.dumps(body), content_type="application/json", headers=credentials)
        assert answer.status_code == wanted
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert client.post(PATH, json.dumps(body), content_type="application/json").status_code == 403
    digest_batch(HANDLERS)
    assert not Metric.objects.exists()
