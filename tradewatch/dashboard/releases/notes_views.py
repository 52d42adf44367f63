from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from releases.comparing.steps import release_of
from releases.queries import releases_of
from tradewatch.dashboard.pages import page, show
from tradewatch.dashboard.releases.comparing import compare_context, compare_link
from tradewatch.dashboard.releases.notes import notes_context
from tradewatch.dashboard.scope import Scope


@page
def release_notes(request: HttpRequest, scope: Scope, release_id: int) -> HttpResponse:
    row = get_object_or_404(releases_of([each.pk for each in scope.projects]), pk=release_id)
    crumbs = [
        ("Releases", reverse("releases") + scope.query),
        (row.version, reverse("release", args=[row.pk]) + scope.query),
    ]
    context = notes_context(row, scope, request.GET.dict())
    return show(request, scope, "releases/notes.html", context, crumb="Notes", crumbs=crumbs, about=row.project_id)


@page
def compare(request: HttpRequest, scope: Scope) -> HttpResponse:
    context = compare_context(scope, request.GET.dict(), now=timezone.now())
    asked, found = context["asked"], context["found"]
    keeps = {name: value for name, value in asked.items() if value}
    release = release_of(found.newer.release.project_id, asked["to"]) if found and found.newer.release else None
    context |= {
        "swap": compare_link(scope, asked["to"], asked["from"]),
        "sides": (found.older, found.newer) if found else (),
        "notes_link": reverse("release-notes-page", args=[release.pk]) + scope.query if release else "",
    }
    crumbs = [("Releases", reverse("releases") + scope.query)]
    status = 400 if context["faults"] else 200
    return show(
        request, scope, "releases/compare.html", context, crumb="Compare", crumbs=crumbs, keeps=keeps, status=status
    )
