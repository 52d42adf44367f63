"""Simulations on the workbench: asked for by its form, what came of them told in words."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from debugging.models import Simulation
from tests.dashboard.debugging.test_pages import main_of, text
from tests.dashboard.debugging.test_workbench import bench
from tests.projects.builders import make_user
from tradewatch.core.faults import Invalid
from tradewatch.dashboard.debugging import simulating
from tradewatch.dashboard.debugging.simulating import changes_of
from tradewatch.projects.choices import Role

ISSUE = {"id": 1, "number": 1, "title": "KeyError: <b>", "url": "/issues/1", "is_simulated": False}
RULES = [
    {"id": 1, "name": "Quiet rule", "kind": "threshold", "fires": False, "why": "2 of 50 events"},
    {"id": 2, "name": "New errors", "kind": "new", "fires": True, "why": "the issue is new"},
]
ROUTE = {
    "path": ["Everything", "Trading desk"], "reason": "", "first_message_after_seconds": 0,
    "gaps": ["Step 2 reaches nobody"],
    "told": [{"who": "Mara Lind by e-mail", "step": 1, "after_seconds": 300, "why": "is on call"}], "nobody": "",
    "held_by": "quiet hours until 06:00",
}  # fmt: skip
RESULT = {"issue": ISSUE, "matches_original": True, "rules": RULES, "alert": None, "routes": [ROUTE]}


@pytest.mark.parametrize(
    ("sent", "changes"),
    [
        ({}, {}),
        ({"message": " x ", "environment": "", "level": "fatal"}, {"message": "x", "level": "fatal"}),
        ({"tags": "venue=lmax\nold=", "fingerprint": "a\r\n\r\nb"},
         {"tags": {"venue": "lmax", "old": None}, "fingerprint": ["a", "b"]}),
    ],
)  # fmt: skip
def test_what_is_filled_in_is_changed(sent: dict[str, str], changes: dict[str, Any]) -> None:
    assert changes_of(sent) == changes


def test_a_bad_line_of_tags_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        changes_of({"tags": "venue"})
    assert caught.value.errors == {"tags": ["line 1: expected name=value"]}


@pytest.fixture
def mia(client: Client):
    user = make_user("mia", role=Role.RESPONDER)
    client.force_login(user)
    return user


def store(session: Any, **fields: Any) -> Simulation:
    values = {"event_id": uuid4(), "requested_at": timezone.now(), "requested_by": "mia", **fields}
    return Simulation.objects.create(session=session, **values)


@pytest.mark.django_db
@pytest.mark.usefixtures("mia", "inbox")
def test_it_is_asked_for_and_nobody_is_told_unless_wished(client: Client) -> None:
    session = bench()
    answer = client.post(f"/debug/{session.pk}", {"form": "simulate", "message": "another text"})
    assert (answer.status_code, answer["Location"]) == (302, f"/debug/{session.pk}#simulate")
    made = Simulation.objects.get()
    assert (made.changes, made.notify, made.requested_by) == ({"message": "another text"}, False, "mia")
    found = text(client, f"/debug/{session.pk}")
    assert "another message; nobody is told" in found and "Under way" in found
    client.post(f"/debug/{session.pk}", {"form": "simulate", "notify": "1"})
    assert Simulation.objects.latest("pk").notify


@pytest.mark.django_db
@pytest.mark.usefixtures("mia")
def test_a_fault_stands_at_its_field(client: Client) -> None:
    session = bench()
    sent = {"form": "simulate", "environment": "e" * 500, "message": "kept", "notify": "1"}
    answer = client.post(f"/debug/{session.pk}", sent)
    html = answer.content.decode()
    assert answer.status_code == 400 and Simulation.objects.count() == 0
    assert "64" in html.split('id="simulate-environment-help"')[1].split("</div>")[0]
    assert 'value="kept"' in html and 'name="notify" value="1" checked' in html


@pytest.mark.django_db
@pytest.mark.usefixtures("mia")
def test_the_result_says_issue_rules_and_who_is_told(client: Client) -> None:
    session = bench()
    store(session, result=RESULT)
    found = text(client, f"/debug/{session.pk}")
    assert "Same issue" in found and "KeyError: &lt;b&gt;" in found
    assert found.index("New errors") < found.index("Quiet rule 2 of 50 events")
    assert "Mara Lind by e-mail after" in found and "held back by quiet hours" in found
    assert "Step 2 reaches nobody" in found
    store(session, result={**RESULT, "matches_original": False, "rules": [], "routes": []})
    assert "Another issue" in text(client, f"/debug/{session.pk}")
    store(session, result={"fault": "The event has not come out of the queue"})
    assert "Lost" in text(client, f"/debug/{session.pk}")


@pytest.mark.django_db
def test_a_viewer_sees_them_and_simulates_nothing(client: Client) -> None:
    session = bench()
    store(session, result=RESULT)
    client.force_login(make_user("vera", role=Role.VIEWER))
    html = main_of(client, f"/debug/{session.pk}")
    assert "Same issue" in html and "<form" not in html
    assert client.post(f"/debug/{session.pk}", {"form": "simulate"}).status_code == 403
    assert Simulation.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("mia")
def test_a_long_result_stays_a_small_page(client: Client) -> None:
    session = bench()
    rules = [{**RULES[0], "name": "<" * 500, "why": "<" * 3000} for _ in range(300)]
    route = {**ROUTE, "told": [{**ROUTE["told"][0], "who": "<" * 200, "why": "<" * 500}] * 50}  # type: ignore[index]
    for _ in range(simulating.SHOWN + 2):
        store(session, result={**RESULT, "rules": rules, "routes": [route] * 10})
    assert len(client.get(f"/debug/{session.pk}").content) < 200_000
