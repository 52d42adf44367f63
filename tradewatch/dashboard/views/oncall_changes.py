"""Overrides made from the page: a form that says what results, and taking one back."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from alerts.models import Override, Schedule
from alerts.services.oncall import OverrideWish, add_override, may_manage, remove_override
from tradewatch.calendars.wall_clock import moment_of, reading_at, zone_named
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault
from tradewatch.core.people import name_of
from tradewatch.dashboard.oncall_words import city
from tradewatch.dashboard.pages import actor_of, page, refuse, show, staff_only
from tradewatch.dashboard.scope import Scope, read_scope
from tradewatch.dashboard.views.oncall import visible

CLOCK = "%Y-%m-%dT%H:%M"


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: User) -> str:
        return name_of(obj)


class OverrideForm(forms.Form):
    """Times are readings of the schedule's clock."""

    user = PersonField(queryset=None, required=False, label="Who takes over", empty_label="Nobody: the person is away")
    instead_of = PersonField(queryset=None, required=False, label="Instead of", empty_label="Whoever is on call then")
    start = forms.DateTimeField(
        label="From", widget=forms.DateTimeInput(CLOCK_ATTRS := {"type": "datetime-local"}, CLOCK)
    )
    end = forms.DateTimeField(label="To", widget=forms.DateTimeInput(CLOCK_ATTRS, CLOCK))
    reason = forms.CharField(label="Why", required=False, max_length=200)

    def __init__(self, *args: object, people: QuerySet[User], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ("user", "instead_of"):
            self.fields[name].queryset = people  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
            field.widget.is_localized = False


@page
def override(request: HttpRequest, scope: Scope, schedule_id: int) -> HttpResponse:
    schedule = visible(scope).filter(pk=schedule_id).first()
    if schedule is None:
        raise Http404("no such schedule")
    actor = actor_of(request)
    people = _people(schedule, actor)
    form = OverrideForm(request.POST or None, people=people, initial=_proposed(request, schedule))
    if request.method == "POST" and form.is_valid() and _made(actor, schedule, form):
        messages.success(request, f"Override made for {schedule.name}")
        return redirect(schedule.get_absolute_url() + scope.query)
    context = {
        "schedule": schedule,
        "form": form,
        "city": city(schedule.zone),
        "is_manager": may_manage(actor, schedule),
    }
    crumbs = [("On call", reverse("oncall") + scope.query), (schedule.name, schedule.get_absolute_url() + scope.query)]
    status = 400 if form.errors else 200
    return show(request, scope, "dashboard/override.html", context, crumb="Override", crumbs=crumbs, status=status)


@staff_only
@require_POST
def end_override(request: HttpRequest, override_id: int) -> HttpResponseRedirect:
    rows = Override.objects.select_related("schedule", "user", "instead_of")
    found = rows.filter(pk=override_id, schedule__in=visible(read_scope(actor_of(request), {})).values("pk")).first()
    if found is None:
        raise Http404("no such override")
    path = found.schedule.get_absolute_url()
    try:
        remove_override(actor_of(request), found)
    except Fault as fault:
        refuse(request, fault.detail)
    else:
        messages.success(request, "Override taken back")
    return HttpResponseRedirect(path)


def _made(actor: Actor, schedule: Schedule, form: OverrideForm) -> bool:
    """Make the override; what the service refuses stands beside its field."""
    zone, asked = zone_named(schedule.zone), form.cleaned_data
    start, end = (moment_of(asked[name].replace(tzinfo=None), zone) for name in ("start", "end"))
    user, instead_of = asked["user"], asked["instead_of"]
    wish = OverrideWish(
        start_at=start,
        end_at=end,
        user_id=user.pk if user else None,
        instead_of_id=instead_of.pk if instead_of else None,
        reason=asked["reason"],
    )
    try:
        add_override(actor, schedule, wish)
    except Fault as fault:
        for name, texts in fault.errors.items():
            form.add_error(name.removesuffix("_at"), texts)
        if not fault.errors:
            form.add_error(None, fault.detail)
        return False
    return True


def _people(schedule: Schedule, actor: Actor) -> QuerySet[User]:
    """Return who can be named: people of the schedule's project, and those who take turns in it."""
    member = Q(memberships__project=schedule.project_id) if schedule.project_id else Q(memberships__isnull=False)
    in_turn = Q(pk__in=schedule.rotations.values("members__user"))
    rows = get_user_model().objects.filter(member | in_turn | Q(pk=actor.id), is_active=True)
    return rows.distinct().order_by("first_name", "username")


def _proposed(request: HttpRequest, schedule: Schedule) -> dict[str, object]:
    """Return what the form starts with: the times of the link that led here, else the next whole hour for eight."""
    zone = zone_named(schedule.zone)
    next_hour = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    start = _moment(request.GET.get("start", "")) or next_hour
    end = _moment(request.GET.get("end", "")) or start + timedelta(hours=8)
    return {
        "user": request.user.pk,
        "start": reading_at(start, zone).strftime(CLOCK),
        "end": reading_at(end, zone).strftime(CLOCK),
    }


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None or not 2000 <= found.year < 2200:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
