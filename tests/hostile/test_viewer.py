"""A viewer changes nothing by any path: every route with every writing method, every form and action of the admin."""

import pytest
from django.test import Client

from tests.hostile.own import not_ones_own
from tests.hostile.rows import Side, differences, dump
from tests.hostile.walking import admin_posts, every_write, paths
from tests.projects.builders import make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def side() -> Side:
    return Side("koala4343", 4343).fill()


@pytest.fixture
def viewer(side: Side) -> Client:
    user = make_user("vic")
    add_member(SYSTEM, side.project, user, Role.VIEWER)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def test_no_route_lets_a_viewer_write(viewer: Client, side: Side) -> None:
    before = dump()
    for path in paths(side):
        viewer.get(path)
        for answer in every_write(viewer, path, side):
            assert answer.status_code < 500, path
    assert not_ones_own(differences(before, dump()), "vic") == []


def test_no_form_and_no_action_of_the_admin_does_either(viewer: Client, side: Side) -> None:
    before = dump()
    for answer in admin_posts(viewer, side):
        assert answer.status_code < 500, answer.request
    assert not_ones_own(differences(before, dump()), "vic") == []


def test_the_walk_would_notice_what_a_manager_does(side: Side) -> None:
    user = make_user("mia")
    add_member(SYSTEM, side.project, user, Role.MANAGER)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    before = dump()
    for path in paths(side):
        list(every_write(client, path, side))
    list(admin_posts(client, side))
    tables = {table for table, *_ in not_ones_own(differences(before, dump()), "mia")}
    assert {"alerts.Alert", "projects.ProjectKey", "core.AuditEntry"} <= tables
    done = set(AuditEntry.objects.filter(actor_label="mia").values_list("action", flat=True))
    assert {"issue.resolve", "alert.resolve", "key.revoke", "rule.delete"} <= done, done


def test_strangers_write_nothing_either(side: Side) -> None:
    make_user("nobody")
    client, before = Client(raise_request_exception=False), dump()
    for path in paths(side):
        list(every_write(client, path, side))
    list(admin_posts(client, side))
    assert not_ones_own(differences(before, dump()), "nobody") == []
