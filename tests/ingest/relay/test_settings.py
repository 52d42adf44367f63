"""A project's choice: who may make it, what is refused, what the admin shows, what the audit trail says."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.ingest.models import RelaySettings, RelayUpstream
from tradewatch.ingest.relay.choices import SHARED
from tradewatch.ingest.relay.services import save_settings, try_again
from tradewatch.projects.choices import Role
from tradewatch.projects.models import ProjectKey
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
REALLY_PUBLIC = "https://abcdef@8.8.8.8/1"
PRIVATE = "http://abcdef@10.1.2.3/1"
FORM = {"is_enabled": "on", "kinds": ["errors", "sessions"], "error_sample_rate": "0.5"}


def manager(name: str = "mia") -> Actor:
    user = make_user(name, role=Role.MANAGER)
    return Actor("user", user.pk, name)


def person(role: Role) -> User:
    """Somebody with a role in the project, as the admin knows them: by their group."""
    user = make_user("mia")
    add_member(SYSTEM, make_project(), user, role)
    return user


def row(**fields: Any) -> RelaySettings:
    return RelaySettings(project=make_project(), **fields)


def test_a_manager_chooses_and_the_audit_never_holds_the_key() -> None:
    save_settings(manager(), row(dsn=REALLY_PUBLIC, kinds=["errors"]), changes={"dsn": ["", REALLY_PUBLIC]})
    entry = AuditEntry.objects.get(action="relay.settings")
    assert entry.changes == {"dsn": ["", "changed"]} and entry.project_id == make_project().pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT dsn FROM ingest_relaysettings")
        assert "abcdef" not in str(cursor.fetchall())
    assert RelaySettings.objects.get().dsn == REALLY_PUBLIC


def test_less_than_a_manager_chooses_nothing() -> None:
    user = make_user("rosa", role=Role.RESPONDER)
    with pytest.raises(NotAllowed):
        save_settings(Actor("user", user.pk, "rosa"), row(), changes={})


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"dsn": PRIVATE}, "dsn", "private address"),
        ({"dsn": "http://abcdef@localhost/1"}, "dsn", "private address"),
        ({"dsn": "nonsense"}, "dsn", "expected a DSN"),
        ({"error_sample_rate": 2.0}, "error_sample_rate", "from 0 to 1"),
        ({"kinds": ["everything"]}, "kinds", "some of"),
    ],
)
def test_what_is_wrong_is_said_by_field(fields: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(Invalid) as raised:
        save_settings(manager(), row(**fields), changes={name: [None, value] for name, value in fields.items()})
    assert says in raised.value.errors[field][0]
    assert not RelaySettings.objects.exists()


def test_ourselves_is_refused_by_key_and_by_place(settings) -> None:
    settings.PUBLIC_URL = "https://watch.example"
    ProjectKey.objects.create(project=make_project(), public_key="abcdef")
    for dsn in (REALLY_PUBLIC, "https://other@watch.example/1"):
        with pytest.raises(Invalid) as raised:
            save_settings(SYSTEM, row(dsn=dsn, allows_internal=True), changes={"dsn": ["", dsn]})
        assert "itself" in raised.value.errors["dsn"][0]


def test_an_internal_upstream_is_an_administrators_to_aim() -> None:
    changes = {"dsn": ["", PRIVATE], "allows_internal": [False, True]}
    mia = manager()
    with pytest.raises(NotAllowed):
        save_settings(mia, row(dsn=PRIVATE, allows_internal=True), changes=changes)
    admin = make_user("ada", is_superuser=True)
    save_settings(Actor("user", admin.pk, "ada"), row(dsn=PRIVATE, allows_internal=True), changes=changes)
    stored = RelaySettings.objects.get()
    stored.dsn, stored.allows_internal = REALLY_PUBLIC, False
    with pytest.raises(NotAllowed):
        save_settings(mia, stored, changes={"dsn": ["", "x"], "allows_internal": [True, False]})
    stored = RelaySettings.objects.get()
    stored.kinds = []
    save_settings(mia, stored, changes={"kinds": [["errors"], []]})
    assert RelaySettings.objects.get().kinds == []


def test_the_form_shows_no_key_keeps_it_when_left_empty_and_forgets_it_when_asked(client: Client) -> None:
    project = make_project()
    client.force_login(person(Role.MANAGER))
    add = reverse("admin:ingest_relaysettings_add")
    assert client.get(add).status_code == 200
    answer = client.post(add, {**FORM, "project": project.pk, "dsn": PRIVATE})
    assert answer.status_code == 200 and b"private address" in answer.content
    answer = client.post(add, {**FORM, "project": project.pk, "dsn": "no dsn"})
    assert answer.status_code == 200 and b"expected a DSN" in answer.content
    assert client.post(add, {**FORM, "project": project.pk, "dsn": REALLY_PUBLIC}).status_code == 302
    stored = RelaySettings.objects.get()
    assert (stored.kinds, stored.error_sample_rate, stored.trace_sample_rate) == (["errors", "sessions"], 0.5, None)
    page = reverse("admin:ingest_relaysettings_change", args=[stored.pk])
    assert b"abcdef" not in client.get(page).content
    assert client.post(page, {**FORM, "kinds": ["logs"], "dsn": ""}).status_code == 302
    stored = RelaySettings.objects.get()
    assert (stored.kinds, stored.dsn) == (["logs"], REALLY_PUBLIC)
    assert client.post(page, {**FORM, "dsn": "", "forgets_dsn": "on"}).status_code == 302
    assert RelaySettings.objects.get().dsn == ""
    assert client.get(reverse("admin:ingest_relaysettings_changelist")).status_code == 200
    client.post(reverse("admin:ingest_relaysettings_delete", args=[stored.pk]), {"post": "yes"})
    assert not RelaySettings.objects.exists()
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions[-4:] == ["relay.settings"] * 3 + ["relay.settings.delete"]


def test_an_upstream_that_cannot_be_read_outlives_a_change_of_something_else(client: Client, settings) -> None:
    stored, key = row(dsn=REALLY_PUBLIC), settings.SECRET_KEY
    stored.save()
    settings.SECRET_KEY = "of another installation"
    client.force_login(person(Role.MANAGER))
    assert b"its own, which cannot be read" in client.get(reverse("admin:ingest_relaysettings_changelist")).content
    page = reverse("admin:ingest_relaysettings_change", args=[stored.pk])
    assert client.post(page, {**FORM, "kinds": ["logs"], "dsn": ""}).status_code == 302
    stored.refresh_from_db()
    assert (stored.kinds, stored.dsn, stored.has_own_upstream) == (["logs"], "", True)
    settings.SECRET_KEY_FALLBACKS = [key]
    stored.refresh_from_db()
    assert stored.dsn == REALLY_PUBLIC
    settings.SECRET_KEY_FALLBACKS = []
    assert client.post(page, {**FORM, "dsn": "", "forgets_dsn": "on"}).status_code == 302
    stored.refresh_from_db()
    assert not stored.has_own_upstream


def test_only_an_administrator_is_offered_an_internal_upstream(client: Client) -> None:
    project = make_project()
    add = reverse("admin:ingest_relaysettings_add")
    client.force_login(person(Role.MANAGER))
    offered = client.get(add)
    assert offered.status_code == 200 and b'name="allows_internal"' not in offered.content
    client.post(add, {**FORM, "project": project.pk, "allows_internal": "on"})
    assert not RelaySettings.objects.get().allows_internal
    RelaySettings.objects.all().delete()
    client.force_login(make_user("ada", is_superuser=True))
    assert b'name="allows_internal"' in client.get(add).content
    answer = client.post(add, {**FORM, "project": project.pk, "dsn": PRIVATE, "allows_internal": "on"})
    assert answer.status_code == 302 and RelaySettings.objects.get().allows_internal


def test_a_try_at_once_is_a_managers_and_of_the_shared_one_an_administrators(client: Client) -> None:
    project, now = make_project(), timezone.now()
    for upstream in (SHARED, project.pk):
        RelayUpstream.objects.create(pk=upstream, state="down", next_at=now)
    mia = manager()
    assert try_again(mia, RelayUpstream.objects.get(pk=project.pk), now=now).next_at is None
    with pytest.raises(NotAllowed):
        try_again(mia, RelayUpstream.objects.get(pk=SHARED), now=now)
    client.force_login(make_user("ada", is_superuser=True))
    changelist = reverse("admin:ingest_relayupstream_changelist")
    assert client.get(changelist).status_code == 200
    client.post(changelist, {"action": "try_now", "_selected_action": [SHARED]})
    assert RelayUpstream.objects.get(pk=SHARED).next_at is None
    assert AuditEntry.objects.filter(action="relay.try_again").count() == 2
    assert client.get(reverse("admin:ingest_relayupstream_change", args=[SHARED])).status_code == 200


def test_a_manager_sees_their_own_upstream_and_no_others(client: Client) -> None:
    project, other = make_project(), make_project("other")
    for upstream in (SHARED, project.pk, other.pk):
        RelayUpstream.objects.create(pk=upstream, detail=f"words of {upstream}")
    client.force_login(person(Role.MANAGER))
    page = client.get(reverse("admin:ingest_relayupstream_changelist")).content.decode()
    assert f"words of {project.pk}" in page
    assert f"words of {other.pk}" not in page and f"words of {SHARED}" not in page
