"""The buttons on alerts: one POST, one service, and a way back where there is one. The services enforce roles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from alerts.models import Alert, AlertGroup
from alerts.services import (
    acknowledge_alert,
    acknowledge_group,
    assign_alert,
    note_on_alert,
    resolve_alert,
    snooze_alert,
    unacknowledge_alert,
)
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault, Invalid
from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.errors.assignees import named_assignee
from tradewatch.projects.access import visible_projects
from tradewatch.projects.models import Team

Form = Mapping[str, str]
SNOOZES = {
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Step:
    """`do` is the service; `undo` returns the action and the fields that take it back, read before it is done."""

    do: Callable[[Actor, Alert, Form], object]
    done: str
    undo: Callable[[Alert], tuple[str, dict[str, str]]] | None = None


@staff_only
@require_POST
def act_on_alert(request: HttpRequest, alert_id: int, action: str) -> HttpResponse:
    """Do `action` with what the form says; the fields of an Undo come in its address."""
    if action not in ALERT_ACTIONS:
        raise Http404(f"no action {action}")
    step, form = ALERT_ACTIONS[action], {**request.GET.dict(), **request.POST.dict()}
    rows = Alert.objects.select_related("project", "assignee", "team")
    alert = get_object_or_404(rows, pk=alert_id, project__in=visible_projects(actor_of(request)))
    undo_url = None
    if step.undo is not None:
        name, fields = step.undo(alert)
        undo_url = reverse("act-on-alert", args=[alert.pk, name]) + (f"?{urlencode(fields)}" if fields else "")
    return act(
        request,
        Action(lambda actor, alert: step.do(actor, alert, form), step.done),
        alert,
        title=alert.title,
        undo_url=undo_url,
        otherwise=alert.get_absolute_url(),
    )


@staff_only
@require_POST
def act_on_alerts(request: HttpRequest, action: str) -> HttpResponse:
    """Do `action` to each of the chosen alerts; what a service refuses of one leaves the others done."""
    if action == "silence":
        return HttpResponseRedirect(f"{reverse('silence-new')}?{urlencode({'alerts': ','.join(_chosen(request))})}")
    if action not in BULK_ACTIONS:
        raise Http404(f"no action {action}")
    form, ids = {**request.GET.dict(), **request.POST.dict()}, _chosen(request)
    rows = Alert.objects.filter(pk__in=ids, project__in=visible_projects(actor_of(request)))
    alerts = list(rows.select_related("project", "assignee", "team").order_by("-id"))
    step, done = ALERT_ACTIONS[action], list[Alert]()
    undo = BULK_ACTIONS[action]
    undo_url = reverse("act-on-alerts", args=[undo]) + f"?{urlencode({'ids': ','.join(ids)})}" if undo else None
    return act(
        request,
        Action(lambda actor, alerts: _each(step, actor, alerts, form, done), step.done),
        alerts,
        title="1 alert" if len(alerts) == 1 else f"{len(alerts)} alerts",
        undo_url=undo_url,
        otherwise=reverse("alerts"),
    )


@staff_only
@require_POST
def act_on_group(request: HttpRequest, group_id: int, action: str) -> HttpResponse:
    if action not in GROUP_ACTIONS:
        raise Http404(f"no action {action}")
    group = get_object_or_404(AlertGroup, pk=group_id, project__in=visible_projects(actor_of(request)))
    chosen = GROUP_ACTIONS[action]
    return act(request, chosen, group, title=str(group), undo_url=None, otherwise=reverse("alerts"))


# --- the actions -----------------------------------------------------------------------------------------------------
def _acknowledge(actor: Actor, alert: Alert, form: Form) -> object:
    return acknowledge_alert(actor, alert, form.get("note", "").strip())


def _unacknowledge(actor: Actor, alert: Alert, form: Form) -> object:
    return unacknowledge_alert(actor, alert, form.get("note", "").strip())


def _resolve(actor: Actor, alert: Alert, form: Form) -> object:
    return resolve_alert(actor, alert, form.get("note", "").strip())


def _snooze(actor: Actor, alert: Alert, form: Form) -> object:
    return snooze_alert(actor, alert, until_of(form, now=timezone.now()), form.get("note", "").strip())


def _wake(actor: Actor, alert: Alert, form: Form) -> object:
    return snooze_alert(actor, alert, timezone.now())


def _assign(actor: Actor, alert: Alert, form: Form) -> object:
    """Assign to whom the form names: a person keeps the team that owns it, a team takes it from the person."""
    name = form.get("assignee", "")
    found = named_assignee(None if name in ("", "none") else name, actor)
    if isinstance(found, Team):
        return assign_alert(actor, alert, user=None, team=found)
    return assign_alert(actor, alert, user=found, team=alert.team if found else None)


def _assign_back(actor: Actor, alert: Alert, form: Form) -> object:
    user = User.objects.filter(username=form.get("user", "")).first()
    return assign_alert(actor, alert, user=user, team=Team.objects.filter(slug=form.get("team", "")).first())


def _note(actor: Actor, alert: Alert, form: Form) -> object:
    return note_on_alert(actor, alert, form.get("note", ""))


def _as_assigned(alert: Alert) -> tuple[str, dict[str, str]]:
    user, team = alert.assignee, alert.team
    return "assign-back", {"user": user.get_username() if user else "", "team": team.slug if team else ""}


def _as_snoozed(alert: Alert) -> tuple[str, dict[str, str]]:
    if alert.snoozed_until is None or alert.snoozed_until <= timezone.now():
        return "wake", {}
    return "snooze", {"until": alert.snoozed_until.isoformat()}


ALERT_ACTIONS: dict[str, Step] = {
    "acknowledge": Step(_acknowledge, "Acknowledged", lambda _: ("unacknowledge", {})),
    "unacknowledge": Step(_unacknowledge, "Waits again"),
    "resolve": Step(_resolve, "Resolved"),  # whoever was told that it fires is told that it ended: no way back
    "snooze": Step(_snooze, "Snoozed", _as_snoozed),
    "wake": Step(_wake, "Woken", _as_snoozed),
    "assign": Step(_assign, "Assigned", _as_assigned),
    "assign-back": Step(_assign_back, "Assigned as before"),
    "note": Step(_note, "Noted"),
}
# What can be done to many at once, and what takes it back.
BULK_ACTIONS = {"acknowledge": "unacknowledge", "unacknowledge": "", "resolve": "", "snooze": "wake", "wake": ""}
GROUP_ACTIONS = {"acknowledge": Action(acknowledge_group, "Acknowledged as a group")}


def until_of(form: Form, *, now: datetime) -> datetime:
    """Return the end of a snooze: a preset from now, or a moment, UTC where it names no zone. Raises `Invalid`."""
    if form.get("for"):
        if form["for"] not in SNOOZES:
            raise Invalid("no such time", errors={"for": [f"expected one of {', '.join(SNOOZES)}"]})
        return now + SNOOZES[form["for"]]
    try:
        moment = parse_datetime(form.get("until", "").strip())
    except ValueError:
        moment = None
    if moment is None or not 2000 <= moment.year < 2200:
        raise Invalid("no such time", errors={"until": ["expected a date and time, such as 2026-11-23 15:12"]})
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= now:
        raise Invalid("no such time", errors={"until": ["has passed already"]})
    return moment


def _each(step: Step, actor: Actor, alerts: Sequence[Alert], form: Form, done: list[Alert]) -> None:
    """Do it to each. Raises `Invalid` with what was refused, once all others are done."""
    if not alerts:
        raise Invalid("no alert was chosen", errors={"ids": ["choose one at least"]})
    refused = []
    for alert in alerts:
        try:
            step.do(actor, alert, form)
            done.append(alert)
        except Fault as fault:
            refused.append((alert, fault))
    if refused:
        alert, why = refused[0]
        others = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
        raise Invalid(f"{len(done)} done, not ALERT-{alert.pk}{others}: {why.detail}", errors=why.errors)


def _chosen(request: HttpRequest) -> list[str]:
    """Return the ids that the boxes or the address name, at most 200: what is no number is left out."""
    named = [*request.POST.getlist("selected"), *request.GET.get("ids", "").split(",")]
    return [each for each in named if each.isascii() and each.isdigit() and len(each) < 19][:MOST_AT_ONCE]
