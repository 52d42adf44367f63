"""Saved views of the issue list: kept, shared with a project, changed, deleted, made the one a list opens with.

Needs a responder, like everything that writes: in the project of a shared view, in any project for one's own.
"""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed, Unknown
from tradewatch.errors.choices import IssueSort
from tradewatch.errors.models import DefaultView, SavedView
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.conditions import condition
from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.terms import parse
from tradewatch.errors.search.views import BUILT_IN, FIRST
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

MOST_VIEWS = 30  # of a person, and of a project: all of them are tabs


def visible_views(actor: Actor) -> QuerySet[SavedView]:
    """Return the person's own views and those shared with a project they may see, by name."""
    if actor.kind != "user":
        return SavedView.objects.none()
    shared = Q(project__in=access.visible_projects(actor).values("pk"))
    return SavedView.objects.filter(shared | Q(project=None, owner=actor.id)).select_related("project")


def save_view(
    actor: Actor, *, name: str, query: str, sort: str = IssueSort.LAST_SEEN, project: Project | None = None
) -> SavedView:
    """Keep a search under a name: for oneself, or with `project` for everybody there.

    Raises `NotAllowed`, `Invalid` (name, query, sort), `Conflict` (the name is taken, too many views).
    """
    user_id = _require(actor, project)
    values = _checked(actor, name=name, query=query, sort=sort)
    kept = (
        SavedView.objects.filter(project=project) if project else SavedView.objects.filter(project=None, owner=actor.id)
    )
    if kept.count() >= MOST_VIEWS:
        raise Conflict(f"there are {MOST_VIEWS} views already; delete one first")
    try:
        with transaction.atomic():
            view = SavedView.objects.create(owner_id=user_id, project=project, **values)
            _note(actor, "view.save", view, {each: [None, value] for each, value in values.items()})
    except IntegrityError:
        raise _taken(name) from None
    return view


def change_view(actor: Actor, view: SavedView, *, name: str, query: str, sort: str) -> SavedView:
    """Rename a view or let it search something else. Raises as `save_view` does."""
    _require_its_own(actor, view)
    values = _checked(actor, name=name, query=query, sort=sort)
    try:
        with transaction.atomic():
            row = SavedView.objects.select_for_update().get(pk=view.pk)
            changes = {
                each: [getattr(row, each), value] for each, value in values.items() if getattr(row, each) != value
            }
            for each, value in values.items():
                setattr(row, each, value)
            row.save(update_fields=list(values))
            if changes:
                _note(actor, "view.change", row, changes)
    except IntegrityError:
        raise _taken(name) from None
    return row


@transaction.atomic
def delete_view(actor: Actor, view: SavedView) -> None:
    """Forget the view; whose list opened with it, it opens with the first built-in one again. Raises `NotAllowed`."""
    _require_its_own(actor, view)
    _note(actor, "view.delete", view, {"query": [view.query, None]})
    DefaultView.objects.filter(view=str(view.pk)).delete()
    view.delete()


@transaction.atomic
def set_default_view(actor: Actor, view: str) -> None:
    """Let the actor's list open with `view`: a built-in one's name, or the id of a saved one they may see.

    Raises `NotAllowed`, `Unknown`.
    """
    user_id = _require(actor, None)
    if view not in BUILT_IN and not (_is_id(view) and visible_views(actor).filter(pk=int(view)).exists()):
        raise Unknown("no such view", errors={"view": ["is neither a built-in nor a saved view"]})
    default, _ = DefaultView.objects.update_or_create(user_id=user_id, defaults={"view": view})
    audit.record(actor, "view.set_default", default, changes={"view": [None, view]})


def default_view(actor: Actor) -> str:
    chosen = DefaultView.objects.filter(user=actor.id).values_list("view", flat=True).first()
    return chosen or FIRST


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _require(actor: Actor, project: Project | None) -> int:
    """Return the user's id."""
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("views are people's")
    if project:
        access.require(actor, project.pk, Role.RESPONDER, scope=Scope.ERRORS_WRITE)
        return actor.id
    projects = access.visible_projects(actor).values_list("pk", flat=True)
    if not any(access.may(actor, each, Role.RESPONDER, scope=Scope.ERRORS_WRITE) for each in projects):
        raise NotAllowed("needs the role responder in a project")
    return actor.id


def _require_its_own(actor: Actor, view: SavedView) -> None:
    _require(actor, view.project)
    if view.project is None and view.owner_id != actor.id:
        raise NotAllowed("it is somebody else's view")


def _checked(actor: Actor, *, name: str, query: str, sort: str) -> dict[str, str]:
    faults: dict[str, list[str]] = {}
    name = " ".join(name.split())
    if not 0 < len(name) <= 40 or "\0" in name:
        faults["name"] = ["expected 1 to 40 characters"]
    elif name.lower() in {each.name.lower() for each in BUILT_IN.values()}:
        faults["name"] = ["is the name of a built-in view"]
    if sort not in IssueSort.values:
        faults["sort"] = ["expected one of " + ", ".join(IssueSort.values)]
    try:
        condition(parse(query), Asking([], timezone.now(), actor.id))
    except BadQuery as fault:
        faults["query"] = fault.errors["q"]
    if faults:
        raise Invalid("; ".join(f"{field}: {texts[0]}" for field, texts in faults.items()), errors=faults)
    return {"name": name, "query": query.strip(), "sort": sort}


def _taken(name: str) -> Conflict:
    return Conflict("the name is taken", errors={"name": [f"there is a view {name} already"]})


def _note(actor: Actor, action: str, view: SavedView, changes: dict[str, list[str | None]]) -> None:
    audit.record(actor, action, view, project_id=view.project_id, changes=changes)
