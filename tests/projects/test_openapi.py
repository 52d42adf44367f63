import io
import re

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from tests.projects.builders import bearer, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def test_the_document_needs_any_credentials_but_some(client: Client) -> None:
    assert client.get("/api/schema/").status_code == 401
    assert client.get("/api/schema", headers=bearer("sla:read")).status_code == 200
    client.force_login(make_user("ann", role=Role.VIEWER))
    assert client.get("/api/schema/?format=json").status_code == 200


def test_the_document_describes_each_endpoint_once_with_its_credentials(client: Client) -> None:
    document = client.get("/api/schema/?format=json", headers=bearer("*")).json()
    assert {"/error-tracking/status", "/error-tracking/metrics", "/error-tracking/test"} <= set(document["paths"])
    assert not [path for path in document["paths"] if path.endswith("/")]
    operation = document["paths"]["/error-tracking/metrics"]["get"]
    assert {"project", "environment", "window", "start", "end"} == {each["name"] for each in operation["parameters"]}
    assert operation["security"] == [{"token": []}, {"session": []}]
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    answers = document["paths"]["/error-tracking/test"]["post"]["responses"]
    assert set(answers) == {"202", "400", "401", "403", "404", "408", "409", "413", "415", "429"}
    refusal = answers["400"]["content"]["application/json"]["schema"]
    assert refusal == {"$ref": "#/components/schemas/Refusal"}


def test_the_document_is_valid_and_says_all_it_should() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO(), stderr=io.StringIO())


def test_the_page_needs_a_staff_login(client: Client) -> None:
    answer = client.get("/api/docs/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/api/docs/")
    client.force_login(make_user("bob", is_staff=False))
    assert client.get("/api/docs").status_code == 403


def test_the_page_runs_under_the_content_security_policy(client: Client) -> None:
    client.force_login(make_user("ann", role=Role.VIEWER))
    answer = client.get("/api/docs/")
    html = answer.content.decode()
    assert "unsafe" not in answer["Content-Security-Policy"]
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 2 and set(scripts) == {""}
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    for path in re.findall(r'(?:src|href)="/static/([^"]+)"', html):
        assert finders.find(path), path
