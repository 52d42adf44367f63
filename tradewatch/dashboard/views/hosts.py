"""Hosts: all of them with their bars, and the page of one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from tradewatch.core.paging import read_page
from tradewatch.dashboard.hosts.cards import card_of, headline, worst_first
from tradewatch.dashboard.hosts.page import page_of
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.performance.hosts.queries import hosts_of
from tradewatch.performance.models import Host

SHOWN = 60
COUNTED = 500


@page
def hosts(request: HttpRequest, scope: Scope) -> HttpResponse:
    now = timezone.now()
    rows = hosts_of(scope.project_ids, scope.environment or None)
    found = read_page(rows, order=("name", "id"), cursor=request.GET.get("cursor"), size=SHOWN)
    cards = worst_first([card_of(host, now=now) for host in found.rows])
    everything = [card_of(host, now=now) for host in rows[:COUNTED]]
    context = {
        "cards": cards,
        "headline": headline(everything) if everything else "",
        "next": found.next,
        "retired": Host.objects.filter(project__in=scope.project_ids).exclude(retired_at=None).count(),
        "several_projects": scope.project is None,
        "public_url": settings.PUBLIC_URL,
    }
    crumbs = [("Performance", reverse("performance") + scope.query)]
    return show(request, scope, "dashboard/hosts/list.html", context, crumb="Hosts", crumbs=crumbs, live=("hosts",))


@page
def host(request: HttpRequest, scope: Scope, host_id: int) -> HttpResponse:
    found = get_object_or_404(Host.objects.select_related("project").filter(project__in=scope.projects), pk=host_id)
    return show(
        request,
        scope,
        "dashboard/hosts/page.html",
        page_of(found, scope.range, now=timezone.now()),
        crumb=found.name,
        crumbs=[("Performance", reverse("performance") + scope.query), ("Hosts", reverse("hosts") + scope.query)],
        about=found.project_id,
        has_ranges=True,
        live=("hosts",),
    )
