"""/alerts/silences: those that are on, to come and over; a form that shows what it would hold; ending one now."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from alerts.models import Alert, Silence
from alerts.services import change_silence, expire_silence, open_silence
from alerts.suppression import SilenceState
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault
from tradewatch.core.paging import read_page
from tradewatch.dashboard.alerting.matching import read_matchers
from tradewatch.dashboard.alerting.silences import (
    Held,
    Offer,
    in_state,
    lines_of,
    matchers_for,
    offers_for,
    visible_silences,
    would_hold,
)
from tradewatch.dashboard.pages import Choice, actor_of, page, show, staff_only
from tradewatch.dashboard.scope import Scope, read_scope
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.projects.access import may, may_everywhere
from tradewatch.projects.choices import Role
from tradewatch.projects.choices import Scope as TokenScope
from tradewatch.projects.models import Project

PAGE_SIZE = 30
CLOCK = "%Y-%m-%dT%H:%M"
CLOCK_ATTRS = {"type": "datetime-local"}
_STATES = ((SilenceState.ACTIVE, "On"), (SilenceState.PENDING, "To come"), (SilenceState.EXPIRED, "Over"))


class SilenceForm(forms.Form):
    """Times are UTC. What the service refuses stands beside its field."""

    project = forms.ModelChoiceField(
        queryset=Project.objects.none(), required=False, label="Project", empty_label="All projects"
    )
    matchers = forms.CharField(
        label="Matchers", max_length=4000, widget=forms.Textarea({"rows": 2, "spellcheck": "false"})
    )
    starts_at = forms.DateTimeField(label="From, UTC", widget=forms.DateTimeInput(CLOCK_ATTRS, CLOCK))
    ends_at = forms.DateTimeField(label="To, UTC", widget=forms.DateTimeInput(CLOCK_ATTRS, CLOCK))
    comment = forms.CharField(label="Why", max_length=400)

    def __init__(self, *args: object, projects: QuerySet[Project], takes_all: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        if not takes_all:
            self.fields["project"].required = True
            self.fields["project"].empty_label = None  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "input mono" if name == "matchers" else "input"
            field.widget.is_localized = False

    def clean_matchers(self) -> str:
        text: str = self.cleaned_data["matchers"]
        _, fault = read_matchers(text)
        if fault:
            raise forms.ValidationError(fault)
        return text


@page
def silences(request: HttpRequest, scope: Scope) -> HttpResponse:
    now, state = timezone.now(), request.GET.get("state", "")
    state = state if state in list(SilenceState) else SilenceState.ACTIVE
    rows = in_state(visible_silences(scope), state, now=now)
    found = read_page(rows, order=("-id",), cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    path, query = reverse("silences"), scope.query
    context = {
        "lines": lines_of(found.rows, scope.project_ids),
        "cursor": found.next,
        "state": state,
        "states": [
            Choice(name, f"{path}{query}{'&' if query else '?'}state={each}", each == state) for each, name in _STATES
        ],
        "may_silence": {one.pk for one in found.rows if _may_change(actor_of(request), one.project_id)},
    }
    return show(request, scope, "dashboard/silences.html", context, crumb="Silences")


@page
def new_silence(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Offer a form; `?alert=` or `?alerts=` begins with matchers for them. Nothing is saved by looking at it."""
    chosen = _alerts_named(request, scope)
    form = _form(request, scope, _proposed(scope, chosen, request.GET.get("matchers", "")))
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        opened = _opened(actor_of(request), form)
        if opened is not None:
            undo = reverse("act-on-silence", args=[opened.pk, "end"])
            messages.success(request, f"Silenced until {opened.ends_at:%d %b %H:%M} UTC", extra_tags=undo)
            return redirect(reverse("silences") + scope.query)
    offers = offers_for(chosen[0]) if len(chosen) == 1 else []
    return _show_form(request, scope, form, title="Silence", button="Silence", offers=offers, alerts=chosen)


@page
def edit_silence(request: HttpRequest, scope: Scope, silence_id: int) -> HttpResponse:
    found = visible_silences(read_scope(actor_of(request), {})).filter(pk=silence_id).first()
    if found is None:
        raise Http404("no such silence")
    known = {name: getattr(found, name) for name in ("project", "matchers", "starts_at", "ends_at", "comment")}
    form = _form(request, scope, known)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        changed = _changed(actor_of(request), found, form)
        if changed is not None:
            said = "Silence changed" if changed.pk == found.pk else "The silence ended and a new one holds in its place"
            messages.success(request, said)
            return redirect(reverse("silences") + scope.query)
    return _show_form(request, scope, form, title="Change the silence", button="Save", silence=found)


@staff_only
@require_POST
def act_on_silence(request: HttpRequest, silence_id: int, action: str) -> HttpResponse:
    if action not in SILENCE_ACTIONS:
        raise Http404(f"no action {action}")
    found = visible_silences(read_scope(actor_of(request), {})).filter(pk=silence_id).first()
    if found is None:
        raise Http404("no such silence")
    chosen = SILENCE_ACTIONS[action]
    return act(request, chosen, found, title=str(found), undo_url=None, otherwise=reverse("silences"))


SILENCE_ACTIONS = {"end": Action(expire_silence, "Silence ended")}


def _show_form(
    request: HttpRequest,
    scope: Scope,
    form: SilenceForm,
    *,
    title: str,
    button: str,
    offers: list[Offer] | None = None,
    alerts: list[Alert] | None = None,
    silence: Silence | None = None,
) -> HttpResponse:
    matchers, preview = _preview(form, scope)
    context = {
        "form": form,
        "title": title,
        "button": button,
        "offers": offers or [],
        "about": alerts or [],
        "silence": silence,
        "preview": preview,
        "matchers": matchers,
    }
    crumbs = [("Alerts", reverse("alerts") + scope.query), ("Silences", reverse("silences") + scope.query)]
    status = 400 if form.errors and "preview" not in request.POST else 200
    return show(request, scope, "dashboard/silence.html", context, crumb=title, crumbs=crumbs, status=status)


def _form(request: HttpRequest, scope: Scope, initial: dict[str, object]) -> SilenceForm:
    actor = actor_of(request)
    ids = [each.pk for each in scope.projects if _may_change(actor, each.pk)]
    projects, takes_all = Project.objects.filter(pk__in=ids), _may_change(actor, None)
    for name in ("starts_at", "ends_at"):
        value = initial.get(name)
        if isinstance(value, datetime):
            initial[name] = value.astimezone(UTC).strftime(CLOCK)
    return SilenceForm(request.POST or None, projects=projects, takes_all=takes_all, initial=initial)


def _proposed(scope: Scope, alerts: list[Alert], matchers: str) -> dict[str, object]:
    now = timezone.now()
    project = alerts[0].project if len({alert.project_id for alert in alerts}) == 1 else scope.project
    return {
        "project": project,
        "matchers": matchers[:4000] or matchers_for(alerts),
        "starts_at": now,
        "ends_at": now + timedelta(hours=4),
        "comment": "",
    }


def _alerts_named(request: HttpRequest, scope: Scope) -> list[Alert]:
    """Return the alerts that the address names, of those that may be seen, at most 200."""
    named = [request.GET.get("alert", ""), *request.GET.get("alerts", "").split(",")]
    ids = [each for each in named if each.isascii() and each.isdigit() and len(each) < 19][:200]
    rows = Alert.objects.filter(pk__in=ids, project__in=scope.projects)
    return list(rows.select_related("project", "team", "rule").order_by("-id"))


def _preview(form: SilenceForm, scope: Scope) -> tuple[str, Held | None]:
    """Return what the form's matchers would hold now; None where they cannot be read, or are none."""
    text = str(form["matchers"].value() or "")
    matchers, fault = read_matchers(text)
    if fault or not matchers:
        return text, None
    chosen = str(form["project"].value() or "")
    wanted = next(
        (each.pk for each in scope.projects if str(each.pk) == chosen or each == form["project"].value()), None
    )
    return text, would_hold(matchers, wanted, [each.pk for each in scope.projects])


def _opened(actor: Actor, form: SilenceForm) -> Silence | None:
    asked = form.cleaned_data
    silence = Silence(**{name: asked[name] for name in ("project", "matchers", "starts_at", "ends_at", "comment")})
    try:
        return open_silence(actor, silence)
    except Fault as fault:
        _refused(form, fault)
        return None


def _changed(actor: Actor, silence: Silence, form: SilenceForm) -> Silence | None:
    asked = form.cleaned_data
    # The form knows minutes: a start that nobody touched keeps its seconds, else the silence would be another one.
    same_start = asked["starts_at"] == silence.starts_at.replace(second=0, microsecond=0)
    try:
        return change_silence(
            actor,
            silence,
            matchers=asked["matchers"],
            starts_at=silence.starts_at if same_start else asked["starts_at"],
            ends_at=asked["ends_at"],
            comment=asked["comment"],
            project_id=asked["project"].pk if asked["project"] else None,
        )
    except Fault as fault:
        _refused(form, fault)
        return None


def _refused(form: SilenceForm, fault: Fault) -> None:
    for name, texts in fault.errors.items():
        form.add_error(name if name in form.fields else None, list(texts))
    if not fault.errors:
        form.add_error(None, fault.detail)


def _may_change(actor: Actor, project_id: int | None) -> bool:
    """Return whether the actor may silence there. For buttons; services decide."""
    if project_id is None:
        return may_everywhere(actor, scope=TokenScope.ALERTS_WRITE)
    return may(actor, project_id, Role.RESPONDER, scope=TokenScope.ALERTS_WRITE)
