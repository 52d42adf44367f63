"""What managers do with replay targets: rights, faults by field, and an audit without secrets."""

from typing import Any

import pytest
from django.db import connection

from debugging.choices import TargetKind
from debugging.models import Replay, ReplayTarget, TargetSecret
from debugging.targets.services import FIELDS, clear_secret, delete_target, save_secret, save_target
from tests.debugging.builders import NOW, make_replay, make_session
from tests.debugging.targets.builders import make_target
from tests.projects.builders import make_project, make_token, make_user
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid, NotAllowed, Unknown
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
SECRET = "tok-1234567"


def manager(name: str = "mia") -> Actor:
    return Actor("user", make_user(name, role=Role.MANAGER).pk, name)


def administrator() -> Actor:
    return Actor("user", make_user("root", is_superuser=True).pk, "root")


def new(**fields: Any) -> ReplayTarget:
    said = {"name": "staging", "kind": TargetKind.STAGING, "base_url": "https://staging.example/app", **fields}
    return ReplayTarget(project=make_project(), **said)


def save(actor: Actor, row: ReplayTarget, *changed: str) -> ReplayTarget:
    was_in = row.project_id if row.pk else None
    return save_target(actor, row, was_in=was_in, changed=changed or FIELDS, now=NOW).target


def test_a_manager_lists_a_target_and_gives_it_secrets() -> None:
    actor = manager()
    row = save(actor, new())
    assert (row.created_by, row.created_at) == ("mia", NOW)
    save_secret(actor, row, "header", "Authorization", SECRET)
    save_secret(actor, row, "header", "Authorization", SECRET + "8")
    assert TargetSecret.objects.get().value == SECRET + "8"
    clear_secret(actor, row, "header", "Authorization")
    with pytest.raises(Unknown):
        clear_secret(actor, row, "header", "Authorization")
    told = list(AuditEntry.objects.filter(object_type="debugging.replaytarget").order_by("id"))
    assert [each.action for each in told] == ["rule.create", *["replay_target.secret"] * 3]
    assert [each.changes["header Authorization"] for each in told[1:]] == [["", "set"], ["set", "set"], ["set", ""]]
    assert SECRET not in str([each.changes for each in told])


def test_a_secret_is_encrypted_where_it_lies() -> None:
    save_secret(manager(), make_target("https://s.example", allows_internal=False), "header", "X-Key", SECRET)
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM debugging_targetsecret")
        assert SECRET not in str(cursor.fetchall())


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.RESPONDER])
def test_less_than_a_manager_changes_nothing(role: Role | None) -> None:
    row = make_target("https://s.example", allows_internal=False)
    secret = TargetSecret.objects.create(target=row, place="header", name="X", value=SECRET)
    actor = Actor("user", make_user("ann", role=role).pk, "ann")
    token = Actor("token", make_token("debug:write")[0].pk, "ci")
    for who in (actor, token):
        for act in (
            lambda who: save(who, new()),
            lambda who: save(who, row, "base_url"),
            lambda who: delete_target(who, row),
            lambda who: save_secret(who, row, "header", "Y", SECRET),
            lambda who: clear_secret(who, row, "header", "X"),
        ):
            with pytest.raises(NotAllowed):
                act(who)
    assert ReplayTarget.objects.count() == 1 and TargetSecret.objects.get() == secret


def test_only_an_administrator_aims_at_the_inside() -> None:
    mia, root = manager(), administrator()
    with pytest.raises(NotAllowed):
        save(mia, new(base_url="http://10.0.0.7:8000", allows_internal=True))
    row = save(root, new(base_url="http://10.0.0.7:8000", allows_internal=True))
    row.base_url = "http://10.0.0.8:8000"
    for changed in ("base_url", "allows_unsafe", "allows_internal"):
        with pytest.raises(NotAllowed):
            save(mia, row, changed)
    for act in (
        lambda: delete_target(mia, row),
        lambda: save_secret(mia, row, "header", "X-Key", SECRET),
        lambda: clear_secret(mia, row, "header", "X-Key"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert save(root, row, "base_url").base_url == "http://10.0.0.8:8000"
    row.allows_internal, row.base_url = False, "https://staging.example"
    with pytest.raises(NotAllowed):
        save(mia, row, "allows_internal", "base_url")  # what was internal stays an administrator's until one lets it go
    save(root, row, "allows_internal", "base_url")
    row.base_url = "https://other.example"
    assert save(mia, row, "base_url").base_url == "https://other.example"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": TargetKind.STAGING}, "kind"),
        ({"kind": TargetKind.LOCAL}, "kind"),
        ({"base_url": "https://mia.example"}, "base_url"),
        ({"base_url": "https://live.example/elsewhere"}, "base_url"),
    ],
)
def test_only_an_administrator_takes_production_elsewhere(changed: dict[str, str], field: str) -> None:
    row = make_target("https://live.example", kind=TargetKind.PRODUCTION, allows_internal=False, secrets={"X": SECRET})
    for name, value in changed.items():
        setattr(row, name, value)
    bound = Actor("token", make_token("admin", projects=[row.project])[0].pk, "ci")
    for actor in (manager(), bound):
        with pytest.raises(NotAllowed) as refused:
            save(actor, row, *changed)
        assert list(refused.value.errors) == [field]
        with pytest.raises(NotAllowed):  # whatever the caller says was changed
            save(actor, row, "timeout_seconds")
    stored = ReplayTarget.objects.get()
    assert (stored.kind, stored.base_url, stored.secrets.count()) == ("production", "https://live.example", 1)
    save(administrator(), row, *changed)
    stored.refresh_from_db()
    assert {name: getattr(stored, name) for name in changed} == changed


def test_a_manager_changes_the_rest_of_a_production_target() -> None:
    mia = manager()
    row = make_target("https://live.example", kind=TargetKind.PRODUCTION, allows_internal=False)
    row.timeout_seconds = 9
    assert save(mia, row, "timeout_seconds").timeout_seconds == 9
    save_secret(mia, row, "header", "X", SECRET)
    delete_target(mia, row)  # its secrets go with it


@pytest.mark.parametrize(
    ("url", "stays"),
    [
        ("https://staging.example/other", True),
        ("https://Staging.example:443/app", True),
        ("http://staging.example/app", False),
        ("https://staging.example:8443/app", False),
        ("https://staging.example.mia.example/app", False),
    ],
)
def test_secrets_do_not_go_where_they_were_not_meant_for(url: str, stays: bool) -> None:
    row = make_target("https://staging.example/app", kind=TargetKind.STAGING, allows_internal=False)
    actor = manager()
    for place in ("header", "query"):
        save_secret(actor, row, place, "Key", SECRET)
    row.base_url = url
    saved = save_target(actor, row, was_in=row.project_id, changed=["base_url"], now=NOW)
    assert saved.cleared == ([] if stays else [("header", "Key"), ("query", "Key")])
    assert TargetSecret.objects.count() == (2 if stays else 0)
    told = AuditEntry.objects.filter(action="rule.change").latest("id").changes
    assert told.get("header Key") == (None if stays else ["set", ""]) and SECRET not in str(told)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " x"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"kind": "moon"}, "kind"),
        ({"base_url": "ftp://x.example"}, "base_url"),
        ({"base_url": "file:///etc/passwd"}, "base_url"),
        ({"base_url": "https://"}, "base_url"),
        ({"base_url": "https://user:pass@x.example"}, "base_url"),
        ({"base_url": "https://x.example/?a=1"}, "base_url"),
        ({"base_url": "https://x.example/#a"}, "base_url"),
        ({"base_url": "https://x.example\\@evil"}, "base_url"),
        ({"base_url": "https://x.example:99999"}, "base_url"),
        ({"base_url": "https://x y"}, "base_url"),
        ({"base_url": "http://127.0.0.1:8000"}, "base_url"),
        ({"base_url": "http://[::1]"}, "base_url"),
        ({"base_url": "http://[::ffff:10.0.0.1]"}, "base_url"),
        ({"base_url": "http://169.254.169.254"}, "base_url"),
        ({"base_url": "http://localhost:8000"}, "base_url"),
        ({"base_url": "http://0177.0.0.1"}, "base_url"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"timeout_seconds": 61}, "timeout_seconds"),
        ({"most_at_once": 0}, "most_at_once"),
        ({"most_at_once": 21}, "most_at_once"),
    ],
)
def test_a_fault_names_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        save(manager(), new(**fields))
    assert list(refused.value.errors) == [field]
    assert not ReplayTarget.objects.exists()


@pytest.mark.parametrize(
    ("place", "name", "value", "field"),
    [
        ("nowhere", "X", SECRET, "place"),
        ("header", "X Y", SECRET, "name"),
        ("header", "Host", SECRET, "name"),
        ("header", "", SECRET, "name"),
        ("body", "token", SECRET, "name"),
        ("body", "", SECRET, "name"),
        ("cookie", "a b", SECRET, "name"),
        ("header", "X", "abc", "value"),
        ("header", "X", "x" * 4097, "value"),
        ("header", "X", "a\r\nHost: evil", "value"),
        ("cookie", "sid", "1234; other=1", "value"),
    ],
)
def test_a_fault_of_a_secret_names_its_field(place: str, name: str, value: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        save_secret(manager(), make_target("https://s.example", allows_internal=False), place, name, value)
    assert list(refused.value.errors) == [field]


def test_a_name_is_of_one_target_of_a_project() -> None:
    actor = manager()
    save(actor, new())
    with pytest.raises(Invalid) as refused:
        save(actor, new())
    assert list(refused.value.errors) == ["name"]


def test_replays_stay_when_their_target_goes() -> None:
    row = make_target("https://s.example", allows_internal=False, secrets={"X": SECRET})
    replay = make_replay(make_session(), target=row, target_name=row.name)
    delete_target(manager(), row)
    replay.refresh_from_db()
    assert (replay.target, replay.target_name, Replay.objects.count()) == (None, "local", 1)
    assert not TargetSecret.objects.exists()
