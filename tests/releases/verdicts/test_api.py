"""What the API says of verdicts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from releases.choices import Verdict
from releases.models import DeploymentLook
from releases.verdicts.aftermath import _listeners, add_look_listener
from releases.verdicts.services import take_due_looks
from tests.projects.builders import make_token
from tests.releases.builders import NOW, make_deployment
from tests.releases.verdicts.traffic import after, send
from tradewatch.projects.choices import Scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    _, secret = make_token(Scope.RELEASES_READ)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def deployment():
    began = NOW.replace(second=0)
    row = make_deployment(started_at=began)
    send(began - timedelta(minutes=5), 5, each=200)
    send(after(row, 0), 5, each=200, failing=20)
    return row


def test_before_a_look_there_is_no_verdict(client, deployment):
    status = client.get("/release/status?environment=production").json()
    assert status["environments"]["production"]["verdict"] is None
    told = client.get(f"/release/deployments/{deployment.pk}").json()
    assert (told["verdict"], told["looks"]) == (None, [])


def test_a_look_is_in_every_answer_and_its_evidence_in_the_deployments_own(client, deployment):
    take_due_looks(after(deployment, 6))
    verdict = client.get("/release/status").json()["environments"]["production"]["verdict"]
    assert verdict["verdict"] == "unhealthy" and verdict["minutes"] == 5
    assert verdict["summary"] == "errors 0% -> 10% on POST /orders, 100 of 1,000"
    (listed,) = client.get("/release/deployments").json()["results"]
    assert listed["verdict"] == verdict and listed["looks"] == [verdict]
    told = client.get(f"/release/deployments/{deployment.pk}").json()
    (look,) = told["looks"]
    (found,) = look["evidence"]["judgement"]["errors"]
    assert (found["finding"], found["after"]["failed"], found["risk_ratio"]) == ("worse", 100, None)
    assert look["evidence"]["why"] == "the stretch directly before"


def test_a_list_reads_all_looks_at_once_and_no_evidence(client, deployment):
    take_due_looks(after(deployment, 6))
    client.get("/release/deployments")  # warm: the token's last use is written now and then
    with CaptureQueriesContext(connection) as few:
        client.get("/release/deployments")
    for number in range(5):
        row = make_deployment(f"3.0.{number}", started_at=NOW + timedelta(hours=number + 1))
        DeploymentLook.objects.create(
            deployment=row, minutes=5, looked_at=NOW, verdict=Verdict.HEALTHY, summary="", evidence={}
        )
    with CaptureQueriesContext(connection) as many:
        client.get("/release/deployments")
    assert len(few) == len(many)
    assert not [each for each in many if "evidence" in each["sql"]]


def test_listeners_hear_of_each_look_in_its_transaction(deployment):
    heard = []
    add_look_listener(heard.append)
    add_look_listener(heard.append)
    try:
        (look,) = take_due_looks(after(deployment, 6))
        assert heard == [look]
    finally:
        _listeners.remove(heard.append)


def test_a_listener_that_fails_undoes_the_look_and_it_is_taken_again(deployment):
    def fail(look):
        raise RuntimeError("not now")

    add_look_listener(fail)
    try:
        assert take_due_looks(after(deployment, 6)) == []
    finally:
        _listeners.remove(fail)
    assert not DeploymentLook.objects.exists()
    deployment.refresh_from_db()
    assert deployment.verdict == ""
    assert len(take_due_looks(after(deployment, 6))) == 1
