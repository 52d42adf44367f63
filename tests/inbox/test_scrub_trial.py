import json

import pytest
from django.test import Client

from tests.projects.builders import make_project, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(client: Client) -> str:
    project = make_project(scrub_fields=["account_pin"])
    client.force_login(make_user("vic", role=Role.VIEWER, project=project))
    return f"/admin/projects/project/{project.pk}/try-scrubbing/"


def test_it_shows_what_goes_and_what_stays(client: Client, path: str) -> None:
    assert "account_pin" in client.get(path).content.decode()
    document = {"extra": {"account_pin": "4711-secret", "venue_code": "V-9", "quantity": 200, "password": "hunter22"}}
    page = client.post(path, {"fields_too": "account_pin\nvenue_code", "document": json.dumps(document)})
    shown = page.content.decode().split("<pre")[1]
    assert "4711-secret" not in shown and "V-9" not in shown and "hunter22" not in shown
    assert "200" in shown and shown.count("<mark>") == 3
    assert "3 values removed" in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "document", "fault"),
    [
        ("", "{", "valid JSON"),
        ("", "[1]", "Expected an object"),
        ("exception", "{}", "part of every event"),
        ("", "", "required"),
        ("", "[" * 90_000, "valid JSON"),
        ("", '{"a": "\\u0000\\ud800"}', "values removed"),
    ],
)
def test_nonsense_is_refused_beside_its_field(
    client: Client, path: str, fields: str, document: str, fault: str
) -> None:
    page = client.post(path, {"fields_too": fields, "document": document})
    assert page.status_code == 200 and fault in page.content.decode()


def test_another_projects_fields_are_not_shown(client: Client, path: str) -> None:
    other = make_project("other")
    assert client.get(f"/admin/projects/project/{other.pk}/try-scrubbing/").status_code == 404
