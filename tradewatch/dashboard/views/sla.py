"""SLA: all targets of a project with their budgets, and the page of one."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from sla.models import Target
from sla.queries import targets_of
from tradewatch.dashboard.pages import actor_of, page, show
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.sla.hero import hero_of
from tradewatch.dashboard.sla.listing import headline, lines_of
from tradewatch.dashboard.sla.page import page_of, withdrawable
from tradewatch.dashboard.sla.reading import Seen, see
from tradewatch.projects import access
from tradewatch.projects.choices import Role
from tradewatch.projects.choices import Scope as TokenScope

SHOWN_AT_MOST = 200
KEPT = ("side", "sort")


@page
def overview(request: HttpRequest, scope: Scope) -> HttpResponse:
    seen = seen_in(scope, see(list(targets_of(scope.project_ids)[:SHOWN_AT_MOST]), now=timezone.now()))
    lines = lines_of(seen)
    context = {
        "lines": lines,
        "headline": headline(lines) if lines else "",
        "several": scope.project is None,
        "worst": _worst(seen),
        "report_href": report_href(scope),
        "add_href": admin_href(request, "add", "add"),
    }
    return show(request, scope, "sla/overview.html", context, crumb="SLA", live=("sla",))


@page
def target(request: HttpRequest, scope: Scope, target_id: int) -> HttpResponse:
    found = target_in(scope, target_id)
    seen = see([found], now=timezone.now())
    if not seen:
        raise Http404("the target has no version")
    asked = {name: value for name, value in request.GET.dict().items() if name in (*KEPT, "at")}
    context = page_of(seen[0], asked, scope.values())
    return show(
        request,
        scope,
        "sla/target.html",
        {
            **context,
            **_addresses(scope, found, asked),
            "may_correct": may_correct(request, found) and found.archived_at is None,
            "withdrawable": withdrawable(found, seen[0].judged.exclusions),
            "report_href": report_href(scope),
            "whatif_href": admin_href(request, "whatif", "view", found.pk),
            "edit_href": admin_href(request, "change", "view", found.pk),
        },
        crumb=found.metric_name,
        crumbs=[("SLA", reverse("sla") + scope.query)],
        about=found.project_id,
        keeps={name: asked[name] for name in KEPT if name in asked},
        live=("sla",),
    )


def target_in(scope: Scope, target_id: int) -> Target:
    """Return a target of the projects that the user may see. Else 404."""
    return get_object_or_404(Target.objects.select_related("project").filter(project__in=scope.projects), pk=target_id)


def seen_in(scope: Scope, seen: list[Seen]) -> list[Seen]:
    """Return those of the scope's environment: its own and those over all environments."""
    if not scope.environment:
        return seen
    return [each for each in seen if each.version.environment in ("", scope.environment)]


def may_correct(request: HttpRequest, found: Target) -> bool:
    """Return whether the user may take time out. For buttons; the services decide."""
    return access.may(actor_of(request), found.project_id, Role.MANAGER, scope=TokenScope.SLA_WRITE)


def report_href(scope: Scope) -> str:
    return reverse("sla-reports") + scope.query


def admin_href(request: HttpRequest, name: str, permission: str, *arguments: int) -> str:
    """Return the address of an admin page; empty where the user may not open it, or there is none."""
    if not request.user.has_perm(f"sla.{permission}_target"):
        return ""
    try:
        return reverse(f"admin:sla_target_{name}", args=arguments)
    except NoReverseMatch:
        return ""


def _worst(seen: list[Seen]) -> dict[str, object] | None:
    """Return what the overview says first: the worst target, unless all is well."""
    if not seen:
        return None
    hero = hero_of(seen[0], None)
    return {"target": seen[0].target, "hero": hero} if hero.level in ("critical", "warning") else None


def _addresses(scope: Scope, found: Target, asked: dict[str, str]) -> dict[str, object]:
    path = reverse("sla_target", args=[found.pk])

    def href(**changed: str) -> str:
        kept = {name: asked[name] for name in KEPT if name in asked} | changed
        return f"{path}?{urlencode({**scope.values(), 'sort': 'newest', **kept})}"

    return {
        "sides_href": {side: href(side=side) for side in ("adjusted", "raw")},
        "sorts_href": {sort: href(sort=sort) + "#minutes" for sort in ("newest", "worst")},
        "minutes_href": href(),
    }
