from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from tests.performance.hosts.builders import report_host
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.performance.models import Host
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
LIST = reverse("admin:performance_host_changelist")


def member(name: str, role: Role, client: Client) -> None:
    user = make_user(name)
    add_member(SYSTEM, make_project(), user, role)
    client.force_login(user)


def act(client: Client, action: str, host: Host) -> None:
    client.post(LIST, {"action": action, "_selected_action": [host.pk], "post": "yes"})


def test_a_manager_retires_and_deletes(client: Client) -> None:
    host = report_host(now=NOW)
    member("mia", Role.MANAGER, client)
    assert "api-01" in client.get(LIST).content.decode()
    assert f"/hosts/{host.pk}" in client.get(reverse("admin:performance_host_change", args=[host.pk])).content.decode()
    act(client, "retire", host)
    host.refresh_from_db()
    assert host.retired_at is not None
    act(client, "delete_selected", host)
    assert not Host.objects.exists()
    done = AuditEntry.objects.filter(actor_label="mia").order_by("id").values_list("action", flat=True)
    assert list(done) == ["host.retire", "host.delete"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER])
def test_others_look_and_see_their_own_alone(client: Client, role: Role) -> None:
    host, theirs = report_host(now=NOW), report_host("zebra", now=NOW, project=make_project("other"))
    member("vic", role, client)
    page = client.get(LIST).content.decode()
    assert "api-01" in page and "zebra" not in page
    for each in (host, theirs):
        act(client, "retire", each)
        act(client, "delete_selected", each)
    assert Host.objects.filter(retired_at=None).count() == 2
