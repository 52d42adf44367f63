"""Corrections from a target's page: time is taken out with a reason, and counts again at a press."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from sla.choices import CorrectionKind
from sla.models import Correction, Target
from sla.services.corrections import add_correction, withdraw_correction
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault
from tradewatch.dashboard.pages import actor_of, page, show, staff_only
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.dashboard.views.sla import target_in
from tradewatch.projects.access import visible_projects

CLOCK = "%Y-%m-%dT%H:%M"
CLOCK_ATTRS = {"type": "datetime-local"}


class CorrectionForm(forms.Form):
    """Times are UTC. What the service refuses stands beside its field."""

    starts_at = forms.DateTimeField(label="From, UTC", widget=forms.DateTimeInput(CLOCK_ATTRS, CLOCK))
    ends_at = forms.DateTimeField(
        label="To, UTC",
        widget=forms.DateTimeInput(CLOCK_ATTRS, CLOCK),
        help_text="Every minute that is touched leaves whole.",
    )
    kind = forms.ChoiceField(label="Kind", choices=CorrectionKind.choices)
    reason = forms.CharField(label="Why", max_length=300, help_text="It stands in every report of that time.")
    for_all = forms.BooleanField(label="All targets of the project", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, field in self.fields.items():
            if name != "for_all":
                field.widget.attrs["class"] = "input"
            field.widget.is_localized = False


@page
def correction(request: HttpRequest, scope: Scope, target_id: int) -> HttpResponse:
    """Offer a form; `from` and `to` begin with a time. Nothing is saved by looking at it."""
    found = target_in(scope, target_id)
    form = CorrectionForm(request.POST or None, initial=_proposed(request))
    if request.method == "POST" and form.is_valid():
        added = _added(actor_of(request), found, form)
        if added is not None:
            undo = reverse("act-on-correction", args=[added.pk, "withdraw"])
            messages.success(request, f"Taken out: {_span_words(added)}", extra_tags=undo)
            return redirect(reverse("sla_target", args=[found.pk]) + scope.query)
    return show(
        request,
        scope,
        "sla/correction.html",
        {"form": form, "target": found},
        crumb="Correction",
        crumbs=[
            ("SLA", reverse("sla") + scope.query),
            (found.metric_name, reverse("sla_target", args=[found.pk]) + scope.query),
        ],
        about=found.project_id,
        status=400 if form.errors else 200,
    )


@staff_only
@require_POST
def act_on_correction(request: HttpRequest, correction_id: int, action: str) -> HttpResponse:
    if action not in CORRECTION_ACTIONS:
        raise Http404(f"no action {action}")
    row = get_object_or_404(Correction, pk=correction_id, project__in=visible_projects(actor_of(request)))
    chosen = CORRECTION_ACTIONS[action]
    otherwise = reverse("sla_target", args=[row.target_id]) if row.target_id else reverse("sla")
    return act(request, chosen, row, title=_span_words(row), undo_url=None, otherwise=otherwise)


def _withdraw(actor: Actor, row: Correction) -> Correction:
    return withdraw_correction(actor, row, now=timezone.now())


CORRECTION_ACTIONS = {"withdraw": Action(_withdraw, "Counts again")}


def _proposed(request: HttpRequest) -> dict[str, object]:
    now = timezone.now().replace(second=0, microsecond=0)
    return {
        "starts_at": request.GET.get("from", (now - timedelta(hours=1)).strftime(CLOCK))[:16],
        "ends_at": request.GET.get("to", now.strftime(CLOCK))[:16],
        "kind": CorrectionKind.MAINTENANCE,
    }


def _added(actor: Actor, found: Target, form: CorrectionForm) -> Correction | None:
    asked = form.cleaned_data
    try:
        return add_correction(
            actor,
            found.project,
            kind=asked["kind"],
            starts_at=asked["starts_at"],
            ends_at=asked["ends_at"],
            reason=asked["reason"],
            target=None if asked["for_all"] else found,
        )
    except Fault as fault:
        for name, texts in fault.errors.items():
            form.add_error(name if name in form.fields else None, list(texts))
        if not fault.errors:
            form.add_error(None, fault.detail)
        return None


def _span_words(row: Correction) -> str:
    start, end = row.starts_at.astimezone(UTC), row.ends_at.astimezone(UTC)
    return f"{start:%d %b %H:%M} to {_until(start, end)} UTC"


def _until(start: datetime, end: datetime) -> str:
    return f"{end:%H:%M}" if start.date() == end.date() else f"{end:%d %b %H:%M}"
