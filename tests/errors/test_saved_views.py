"""Views of the issue list: whose they are, and who may change them."""

import pytest

from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Fault, Invalid, NotAllowed, Unknown
from tradewatch.core.models import AuditEntry
from tradewatch.errors import saved_views
from tradewatch.errors.models import SavedView
from tradewatch.errors.saved_views import (
    change_view,
    default_view,
    delete_view,
    save_view,
    set_default_view,
    visible_views,
)
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def make_actor(name: str, role: Role | None = Role.RESPONDER, project: str = "default") -> Actor:
    user = make_user(name, role=role, project=make_project(project))
    return Actor("user", user.pk, name)


def names(actor: Actor) -> list[str]:
    return [view.name for view in visible_views(actor)]


def test_an_own_view_is_seen_by_nobody_else_and_a_shared_one_by_its_project() -> None:
    rosa, otto, fern = make_actor("rosa"), make_actor("otto", Role.VIEWER), make_actor("fern", project="other")
    save_view(rosa, name="Order path", query="culprit:app.orders*", sort="users")
    save_view(rosa, name="Margin", query="margin", project=make_project())
    assert names(rosa) == ["Margin", "Order path"]
    assert names(otto) == ["Margin"]
    assert names(fern) == names(SYSTEM) == []


def test_what_is_kept_is_what_was_asked() -> None:
    view = save_view(make_actor("rosa"), name="  Order   path ", query=" venue:lmax ", sort="trend")
    view.refresh_from_db()
    assert (view.name, view.query, view.sort, view.project) == ("Order path", "venue:lmax", "trend", None)
    entry = AuditEntry.objects.get(action="view.save")
    assert entry.changes == {"name": [None, "Order path"], "query": [None, "venue:lmax"], "sort": [None, "trend"]}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"name": "a\0"}, "name"),
        ({"name": "regressed"}, "name"),
        ({"sort": "loudest"}, "sort"),
        ({"query": 'venue:"open'}, "query"),
        ({"query": "is:open"}, "query"),
    ],
)
def test_a_view_that_cannot_be_asked_is_refused_at_its_field(values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        save_view(make_actor("rosa"), **{"name": "Mine too", "query": "", **values})
    assert list(caught.value.errors) == [field]


def test_a_name_is_taken_once_a_person_and_once_a_project() -> None:
    rosa, otto = make_actor("rosa"), make_actor("otto")
    first = save_view(rosa, name="Venues", query="")
    save_view(otto, name="Venues", query="")
    save_view(otto, name="Venues", query="", project=make_project())
    for taken in (
        lambda: save_view(rosa, name="Venues", query=""),
        lambda: save_view(rosa, name="Venues", query="", project=make_project()),
    ):
        with pytest.raises(Conflict):
            taken()
    second = save_view(rosa, name="Desks", query="")
    with pytest.raises(Conflict):
        change_view(rosa, second, name="Venues", query="", sort="users")
    assert change_view(rosa, first, name="Venues", query="has:venue", sort="users").query == "has:venue"


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    rosa = make_actor("rosa")
    for name in ("a", "b"):
        save_view(rosa, name=name, query="")
    with pytest.raises(Conflict):
        save_view(rosa, name="c", query="")
    save_view(rosa, name="c", query="", project=make_project())


def test_a_viewer_and_a_stranger_change_nothing() -> None:
    rosa = make_actor("rosa")
    own = save_view(rosa, name="Own", query="")
    shared = save_view(rosa, name="Shared", query="", project=make_project())
    for other in (
        make_actor("vera", Role.VIEWER),
        make_actor("fern", project="other"),
        make_actor("gone", None),
        SYSTEM,
    ):
        for attempt in (
            lambda actor: save_view(actor, name="New", query="", project=make_project()),
            lambda actor: change_view(actor, own, name="x", query="", sort="users"),
            lambda actor: change_view(actor, shared, name="x", query="", sort="users"),
            lambda actor: delete_view(actor, own),
            lambda actor: delete_view(actor, shared),
            lambda actor: set_default_view(actor, str(own.pk)),
        ):
            with pytest.raises(Fault):
                attempt(other)
    with pytest.raises(NotAllowed):
        save_view(make_actor("vic", Role.VIEWER), name="New", query="")
    with pytest.raises(NotAllowed):
        change_view(make_actor("otto"), own, name="x", query="", sort="users")
    assert change_view(make_actor("olga"), shared, name="Ours", query="", sort="users").name == "Ours"
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["Ours", "Own"]


def test_the_list_opens_with_the_chosen_view_until_that_is_gone() -> None:
    rosa = make_actor("rosa")
    assert default_view(rosa) == "unresolved"
    set_default_view(rosa, "loudest")
    assert default_view(rosa) == "loudest"
    view = save_view(rosa, name="Venues", query="has:venue")
    set_default_view(rosa, str(view.pk))
    assert default_view(rosa) == str(view.pk)
    delete_view(rosa, view)
    assert default_view(rosa) == "unresolved"
    for unknown in ("nothing", "12", "9" * 30, "-1", "٣"):
        with pytest.raises(Unknown):
            set_default_view(rosa, unknown)
