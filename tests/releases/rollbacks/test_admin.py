import pytest
from django.test import Client

from releases.models import ReleaseSettings
from releases.rollbacks.webhook import keys_of
from tests.projects.builders import make_project
from tests.releases.rollbacks.builders import requested
from tests.releases.test_admin import log_in
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
SETTINGS, ROLLBACKS = "/admin/releases/releasesettings/", "/admin/releases/rollback/"
URL = "https://ci.example/rollback?key=k3y"


def test_the_secret_is_shown_once_and_replaced(client: Client) -> None:
    log_in(client, Role.MANAGER)
    project = make_project()
    page = client.post(f"{SETTINGS}add/", {"project": project.pk, "rollback_url": URL}, follow=True)
    row = ReleaseSettings.objects.get()
    (secret,) = keys_of(row)
    assert page.content.decode().count(secret) == 1
    form = f"{SETTINGS}{row.pk}/change/"
    assert secret not in client.get(form).content.decode() + client.get(SETTINGS).content.decode()
    client.post(form, {"rollback_url": URL, "excludes_deployments": "on"})
    row.refresh_from_db()
    assert (keys_of(row), row.excludes_deployments) == ([secret], True)
    again = client.post(SETTINGS, {"action": "new_secret", "_selected_action": [row.pk]}, follow=True).content.decode()
    row.refresh_from_db()
    newer = keys_of(row)[0]
    assert keys_of(row) == [newer, secret] and newer in again and secret not in again
    trail = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert secret not in trail and newer not in trail and "k3y" not in trail


def test_what_cannot_be_called_stands_beside_its_field(client: Client) -> None:
    log_in(client, Role.MANAGER)
    page = client.post(f"{SETTINGS}add/", {"project": make_project().pk, "rollback_url": "ftp://ci.example/"})
    assert set(page.context["adminform"].form.errors) == {"rollback_url"}
    assert not ReleaseSettings.objects.exists()


@pytest.mark.parametrize(("role", "state"), [(Role.VIEWER, "requested"), (Role.RESPONDER, "withdrawn")])
def test_a_responder_calls_it_off_in_the_list(client: Client, role: Role, state: str) -> None:
    log_in(client, role)
    rollback = requested()
    assert "2.0.0" in client.get(ROLLBACKS).content.decode()
    client.post(ROLLBACKS, {"action": "withdraw", "_selected_action": [rollback.pk]}, follow=True)
    rollback.refresh_from_db()
    assert rollback.state == state
