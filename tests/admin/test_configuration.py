"""The alerting configuration as a file, over the admin: exported, checked, applied."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from alerts.models import AlertRule
from tests.admin.builders import make_person, make_project
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
RULE = "version: 1\nrules:\n- {name: Rejects, kind: metric, series: orders.rejected, threshold: 5}\n"


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("chief"))
    return client


def page() -> str:
    return reverse("admin:alerts_configuration")


def test_an_export_is_a_file(client: Client) -> None:
    answer = client.get(page(), {"export": "yaml"})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="tradewatch-alerting-')
    assert b"\nversion: 1\n" in answer.content


def test_a_file_is_checked_first_and_applied_when_asked(client: Client) -> None:
    file = SimpleUploadedFile("alerting.yaml", RULE.encode())
    checked = client.post(page(), {"file": file}).content.decode()
    assert "Checked: this is what it would do" in checked and "+ rules: Rejects" in checked
    assert not AlertRule.objects.filter(name="Rejects").exists()
    applied = client.post(page(), {"text": RULE, "apply": "1"}).content.decode()
    assert "Applied" in applied
    assert AlertRule.objects.get(name="Rejects").threshold == 5


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "choose a file, or paste its text"),
        ({"file": SimpleUploadedFile("a.yaml", b"\xff\xfe")}, "not a text in UTF-8"),
        ({"text": "a: ["}, "not YAML"),
        ({"text": "version: 1\nrules: [{name: '<script>x</script>', kind: no}]"}, "rules[0].kind"),
    ],
)
def test_what_cannot_be_brought_in_is_said(client: Client, sent, says: str) -> None:
    text = client.post(page(), sent).content.decode()
    assert says in text
    assert "<script>x" not in text


def test_managers_and_viewers_are_refused() -> None:
    for role in (Role.MANAGER, Role.VIEWER):
        client = Client()
        client.force_login(make_person(f"person-{role}", role, make_project(f"p-{role}")))
        assert client.get(page()).status_code == 403
        assert client.post(page(), {"text": RULE, "apply": "1"}).status_code == 403
