import pytest
from django.contrib.auth.models import User
from django.test import Client

from alerts.models import IntakeSource
from alerts.services.intake_sources import source_of
from tests.alerts.intake.builders import make_source
from tests.projects.builders import make_project
from tradewatch.core.models import AuditEntry

pytestmark = pytest.mark.django_db
ADD = "/admin/alerts/intakesource/add/"


@pytest.fixture
def chief() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("chief", "chief@desk.example", "pass word 1"))
    return client


def fields(**values: object) -> dict[str, object]:
    usual = {
        "name": "Prometheus", "project": make_project().pk, "is_enabled": "on", "severity_label": "severity",
        "severity_map": "{}", "environment_label": "environment", "category": "system", "resolve_timeout_seconds": 300,
    }  # fmt: skip
    return {**usual, **values}


def shown_key(page: str) -> str:
    return page.partition("shown this once: ")[2][:32]


def test_a_source_gets_a_key_that_is_shown_once(chief: Client) -> None:
    page = chief.post(ADD, fields(), follow=True).content.decode()
    source = IntakeSource.objects.get()
    key = shown_key(page)
    assert source_of(key) == source
    url = f"/admin/alerts/intakesource/{source.pk}/change/"
    assert key not in chief.get(url).content.decode()
    assert key not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


@pytest.mark.parametrize("bad", ['{"page": "terrible"}', '["x"]'])
def test_a_map_to_no_severity_of_ours_is_refused(chief: Client, bad: str) -> None:
    assert chief.post(ADD, fields(severity_map=bad)).status_code == 200
    assert not IntakeSource.objects.exists()


def test_a_replaced_key_works_no_more(chief: Client) -> None:
    source, old = make_source()
    chosen = {"action": "replace_key", "_selected_action": [source.pk]}
    page = chief.post("/admin/alerts/intakesource/", chosen, follow=True).content.decode()
    assert source_of(old) is None
    assert source_of(shown_key(page)) == source
