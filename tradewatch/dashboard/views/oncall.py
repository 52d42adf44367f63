"""Who is on call: every schedule now, one of them over two weeks, and the list of them all."""

from datetime import UTC, datetime

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from alerts.models import Schedule
from alerts.oncall.reading import on_call_now, schedules_of
from alerts.services.oncall import may_manage, may_respond
from tradewatch.dashboard.oncall_page import card_of, schedule_page, ways_to_reach, your_shifts
from tradewatch.dashboard.oncall_paging import paging_now
from tradewatch.dashboard.pages import actor_of, page, show
from tradewatch.dashboard.scope import Scope

CARDS_SHOWN = 12


@page
def oncall(request: HttpRequest, scope: Scope, schedule_id: int | None = None) -> HttpResponse:
    """Show who is on call now for every schedule, and the calendar of one: the one asked for, else the user's first."""
    now, me = timezone.now(), request.user.pk
    cards = [card_of(found, me=me, now=now) for found in on_call_now(visible(scope), now)]
    chosen = _chosen(scope, schedule_id, [card.schedule for card in cards if card.is_me])
    context = {
        "cards": [card for card in cards if card.schedule != chosen][: CARDS_SHOWN - 1],
        "first_card": next((card for card in cards if card.schedule == chosen), None),
        "sheet": schedule_page(chosen.pk, day=_day(request, now), me=me, now=now) if chosen else None,
        "paging": paging_now(scope.project_ids, now),
        "shifts": your_shifts(me, now)[:8] if me else [],
        "ways": ways_to_reach(me) if me else [],
        "may_override": bool(chosen and may_respond(actor_of(request), chosen)),
        "may_edit": bool(chosen and may_manage(actor_of(request), chosen)),
        "base": reverse("oncall-schedule", args=[chosen.pk]) if chosen else "",
    }
    crumb = chosen.name if chosen else "Who is on call"
    crumbs = [("On call", reverse("oncall") + scope.query)]
    return show(request, scope, "dashboard/oncall.html", context, crumb=crumb, crumbs=crumbs)


@page
def schedules(request: HttpRequest, scope: Scope) -> HttpResponse:
    """List every schedule with who is on call, who follows, and where it is edited."""
    now = timezone.now()
    cards = [card_of(found, me=request.user.pk, now=now) for found in on_call_now(visible(scope), now)]
    context = {"cards": cards, "may_add": request.user.has_perm("alerts.add_schedule")}
    crumbs = [("On call", reverse("oncall") + scope.query)]
    return show(request, scope, "dashboard/schedules.html", context, crumb="Schedules", crumbs=crumbs)


def visible(scope: Scope) -> QuerySet[Schedule]:
    return schedules_of(scope.project_ids).select_related("project")


def _chosen(scope: Scope, schedule_id: int | None, mine: list[Schedule]) -> Schedule | None:
    rows = visible(scope)
    if schedule_id is None:
        return mine[0] if mine else rows.first()
    found = rows.filter(pk=schedule_id).first()
    if found is None:
        raise Http404("no such schedule")
    return found


def _day(request: HttpRequest, now: datetime) -> datetime:
    """Return a moment of the day that `?from=2026-11-23` names (noon, the same day in most zones), else now."""
    try:
        day = parse_date(request.GET.get("from", ""))
    except ValueError:
        day = None
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if day and 2000 <= day.year < 2200 else now
