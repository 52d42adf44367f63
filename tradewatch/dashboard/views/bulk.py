"""What the bar above the list does to the chosen issues, and what is done to views. Services enforce the roles."""

from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault, Invalid
from tradewatch.dashboard import words
from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.dashboard.views.triage import ACTIONS, Act, Form
from tradewatch.errors.models import Issue
from tradewatch.errors.saved_views import change_view, delete_view, save_view, set_default_view, visible_views
from tradewatch.errors.services import merge_issues
from tradewatch.projects.access import visible_projects

Bulk = Callable[[Actor, Sequence[Issue], Form, UUID], object]
MOST_CHOSEN = 100
EACH = ("resolve", "ignore", "reopen", "assign", "priority")


@staff_only
@require_POST
def act_on_issues(request: HttpRequest) -> HttpResponse:
    """Do what the pressed button says (`do`: an action, with its parameters as a query) to each chosen `issue`."""
    name, _, query = request.POST.get("do", "").partition("?")
    if name not in _ACTIONS:
        raise Http404(f"no action {name}")
    do, done = _ACTIONS[name]
    chosen, token, form = _chosen(request), uuid4(), dict(parse_qsl(query))
    return act(
        request,
        Action(lambda actor, issues: do(actor, issues, form, token), done),
        chosen,
        title=chosen[0].title if len(chosen) == 1 else words.plural(len(chosen), "issue"),
        undo_url=reverse("undo-change", args=[token]),
        otherwise=reverse("issues"),
    )


def _chosen(request: HttpRequest) -> list[Issue]:
    """Return the chosen issues that the user may see, in the order of their numbers."""
    ids = [int(text) for text in request.POST.getlist("issue") if text.isascii() and text.isdigit() and len(text) < 19]
    rows = Issue.objects.filter(pk__in=ids[:MOST_CHOSEN], project__in=visible_projects(actor_of(request)))
    return list(rows.select_related("project").order_by("pk"))


def _each(change: Act) -> Bulk:
    """Return what does a change to each issue. Some refused: the others are done, and the refusal says how many."""

    def do(actor: Actor, issues: Sequence[Issue], form: Form, token: UUID) -> None:
        if not issues:
            raise Invalid("no issue is chosen")
        refusals: Counter[str] = Counter()
        for issue in issues:
            try:
                change(actor, issue, form, token)
            except Fault as fault:
                refusals[fault.detail] += 1
        if refusals:
            why = "; ".join(f"{words.plural(number, 'issue')}: {detail}" for detail, number in refusals.items())
            raise Invalid(f"{why} ({len(issues) - sum(refusals.values())} of {len(issues)} done)")

    return do


def _merge(actor: Actor, issues: Sequence[Issue], form: Form, token: UUID) -> object:
    """Merge into the one with most events, which people know best."""
    if len(issues) < 2:
        raise Invalid("choose two issues or more to merge")
    into = max(issues, key=lambda issue: (issue.event_count, -issue.pk))
    return merge_issues(actor, [issue for issue in issues if issue != into], into=into, undo_token=token)


_ACTIONS: dict[str, tuple[Bulk, str]] = {
    "merge": (_merge, "Merged"),
    **{name: (_each(ACTIONS[name][0]), ACTIONS[name][1]) for name in EACH},
}


# --- views ---------------------------------------------------------------------------------------------------------
@staff_only
@require_POST
def act_on_view(request: HttpRequest, action: str) -> HttpResponse:
    """Save, change or delete a view, or let the list open with it."""
    if action not in _VIEW_ACTIONS:
        raise Http404(f"no action {action}")
    do, done = _VIEW_ACTIONS[action]
    return act(
        request,
        Action(lambda actor, form: do(request, actor, form), done),
        request.POST.dict(),
        title=request.POST.get("name", "")[:40],
        undo_url=None,
        otherwise=reverse("issues"),
    )


def _save(request: HttpRequest, actor: Actor, form: dict[str, str]) -> object:
    project = None
    if form.get("project"):
        project = get_object_or_404(visible_projects(actor), slug=form["project"])
    return save_view(
        actor, name=form.get("name", ""), query=form.get("q", ""), sort=form.get("sort", ""), project=project
    )


def _change(request: HttpRequest, actor: Actor, form: dict[str, str]) -> object:
    view = get_object_or_404(visible_views(actor), pk=_id(form))
    return change_view(actor, view, name=form.get("name", ""), query=form.get("q", ""), sort=form.get("sort", ""))


def _delete(request: HttpRequest, actor: Actor, form: dict[str, str]) -> object:
    return delete_view(actor, get_object_or_404(visible_views(actor), pk=_id(form)))


def _open_first(request: HttpRequest, actor: Actor, form: dict[str, str]) -> object:
    return set_default_view(actor, form.get("view", ""))


def _id(form: dict[str, str]) -> int:
    text = form.get("view", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


_VIEW_ACTIONS = {
    "save": (_save, "View saved"),
    "change": (_change, "View changed"),
    "delete": (_delete, "View deleted"),
    "open-first": (_open_first, "Opens first"),
}
