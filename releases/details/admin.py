"""What was told of releases, and their artifacts, in the admin: read, and changed by actions alone."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.artifacts.services import delete_artifact
from releases.details.services import (
    archive_release,
    delete_release,
    finalise_release,
    reopen_release,
    restore_release,
)
from releases.models import ReleaseArtifact, ReleaseDetail
from tradewatch.core.actors import Actor
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each


@admin.register(ReleaseDetail)
class ReleaseDetailAdmin(ScopedRecordAdmin):
    project_path = "release__project_id"
    list_display = ("version", "project", "finalised_at", "archived_at", "created_by", "created_at")
    list_filter = ("release__project",)
    search_fields = ("release__version", "ref")
    list_select_related = ("release__project",)
    ordering = ("-created_at", "-pk")
    date_hierarchy = "created_at"
    readonly_fields = ("on_page",)
    actions = ("finalise", "reopen", "archive", "restore", "delete_releases")

    @admin.display(description="release", ordering="release__version")
    def version(self, row: ReleaseDetail) -> str:
        return row.release.version

    @admin.display(ordering="release__project")
    def project(self, row: ReleaseDetail) -> str:
        return str(row.release.project)

    @admin.display(description="page")
    def on_page(self, row: ReleaseDetail) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("release", args=[row.pk]), row.release.version)

    @admin.action(description="Finalise", permissions=["change"])
    def finalise(self, request: HttpRequest, rows: QuerySet[ReleaseDetail]) -> None:
        act_on_each(request, rows, _now(finalise_release), "finalised")

    @admin.action(description="Reopen", permissions=["change"])
    def reopen(self, request: HttpRequest, rows: QuerySet[ReleaseDetail]) -> None:
        act_on_each(request, rows, _now(reopen_release), "reopened")

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[ReleaseDetail]) -> None:
        act_on_each(request, rows, _now(archive_release), "archived")

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: HttpRequest, rows: QuerySet[ReleaseDetail]) -> None:
        act_on_each(request, rows, _now(restore_release), "restored")

    @admin.action(description="Delete the releases: of those that no client sent anything", permissions=["change"])
    def delete_releases(self, request: HttpRequest, rows: QuerySet[ReleaseDetail]) -> None:
        act_on_each(request, rows, lambda actor, row: delete_release(actor, row.release), "deleted")


@admin.register(ReleaseArtifact)
class ReleaseArtifactAdmin(ScopedRecordAdmin):
    project_path = "release__project_id"
    list_display = ("name", "release", "dist", "size", "created_at")
    list_filter = ("release__project",)
    search_fields = ("name", "release__version")
    list_select_related = ("release",)
    ordering = ("-created_at", "-pk")
    fields = ("release", "name", "dist", "size", "sha1", "headers", "created_at", "content_link")
    readonly_fields = ("content_link",)
    actions = ("delete_files",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReleaseArtifact]:
        return super().get_queryset(request).defer("content")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("releases.change_releasedetail"))

    @admin.display(description="content")
    def content_link(self, row: ReleaseArtifact) -> SafeString:
        href = reverse("release-artifact", args=[row.release_id, row.pk])
        return format_html('<a href="{}" download>download</a>', href)

    @admin.action(description="Delete the files", permissions=["change"])
    def delete_files(self, request: HttpRequest, rows: QuerySet[ReleaseArtifact]) -> None:
        act_on_each(request, rows, lambda actor, row: delete_artifact(actor, row.pk), "deleted")


def _now(act: Callable[..., Any]) -> Callable[[Actor, ReleaseDetail], Any]:
    return lambda actor, row: act(actor, row.release, now=timezone.now())
