"""What was told of a release, as its page shows it, and the buttons that tell more."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from releases.artifacts.queries import artifacts_of, bytes_of
from releases.details.services import archive_release, finalise_release, reopen_release, restore_release
from releases.models import ReleaseDetail
from releases.queries import releases_of
from tradewatch.core.actors import Actor
from tradewatch.dashboard import words
from tradewatch.dashboard.pages import actor_of, staff_only
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.projects.access import visible_projects
from tradewatch.projects.models import Release

ARTIFACTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class File:
    name: str
    dist: str
    size: str
    href: str


def release_detail(row: Release) -> dict[str, Any]:
    rows = list(artifacts_of([row])[: ARTIFACTS_SHOWN + 1])
    return {
        "detail": ReleaseDetail.objects.filter(release=row).first(),
        "files": [
            File(each.name, each.dist, words.size(each.size), reverse("release-artifact", args=[row.pk, each.pk]))
            for each in rows[:ARTIFACTS_SHOWN]
        ],
        "files_size": words.size(bytes_of(row)),
        "has_more_files": len(rows) > ARTIFACTS_SHOWN,
    }


@staff_only
@require_POST
def act_on_release(request: HttpRequest, release_id: int, action: str) -> HttpResponse:
    if action not in SWITCHES:
        raise Http404(f"no action {action}")
    visible = visible_projects(actor_of(request)).values_list("pk", flat=True)
    row = get_object_or_404(releases_of(list(visible)), pk=release_id)
    undo_url = reverse("act-on-release", args=[row.pk, SWITCHES[action].undo])
    otherwise = reverse("release", args=[row.pk])
    return act(request, SWITCHES[action], row, title=row.version, undo_url=undo_url, otherwise=otherwise)


def _finalise(actor: Actor, row: Release) -> ReleaseDetail:
    return finalise_release(actor, row, now=timezone.now())


def _reopen(actor: Actor, row: Release) -> ReleaseDetail:
    return reopen_release(actor, row, now=timezone.now())


def _archive(actor: Actor, row: Release) -> ReleaseDetail:
    return archive_release(actor, row, now=timezone.now())


def _restore(actor: Actor, row: Release) -> ReleaseDetail:
    return restore_release(actor, row, now=timezone.now())


SWITCHES = {
    "finalise": Action(_finalise, "Finalised", undo="reopen"),
    "reopen": Action(_reopen, "Reopened", undo="finalise"),
    "archive": Action(_archive, "Archived", undo="restore"),
    "restore": Action(_restore, "Restored", undo="archive"),
}
