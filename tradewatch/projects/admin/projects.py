from typing import Any
from urllib.parse import quote

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action as unfold_action

from tradewatch.core.admin import Script, copyable, faults_as_messages, refusing
from tradewatch.projects.access import visible_projects
from tradewatch.projects.choices import Role
from tradewatch.projects.dsn import dsn_with
from tradewatch.projects.models import Membership, Project, ProjectKey, Release
from tradewatch.projects.retention import DAYS
from tradewatch.projects.scoped_admin import ScopedAdmin, ScopedRecordAdmin, admin_actor
from tradewatch.projects.services import (
    add_member,
    change_role,
    create_key,
    create_project,
    label_key,
    remove_member,
    revoke_key,
    update_project,
)


class MembershipInline(TabularInline):  # type: ignore[misc]
    model = Membership
    extra = 0
    tab = True

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer whom a service would take. Not by autocompletion: that needs the right to see all accounts."""
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_active=True, is_staff=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class KeyInline(TabularInline):  # type: ignore[misc]
    model = ProjectKey
    fields = ("label", "dsn", "created_at", "revoked_at")
    readonly_fields = ("dsn", "created_at", "revoked_at")
    extra = 0
    max_num = 0
    can_delete = False
    tab = True

    def dsn(self, key: ProjectKey) -> str:
        return dsn_with(key)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Project)
class ProjectAdmin(ScopedAdmin):
    """Creating is a superuser's; keys are made and revoked under DSN keys; members are listed inline."""

    project_path = "id"
    list_display = (
        *("name", "slug", "id", "keeps_ip_addresses"),
        *("quota_per_minute", "log_bytes_per_minute", "spike_limit_per_minute"),
    )
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "slug", "keeps_ip_addresses", "scrub_fields")}),
        ("Limits of what comes in", {"fields": ("quota_per_minute", "log_bytes_per_minute", "spike_limit_per_minute")}),
        (
            "How long and how much is kept",
            {"fields": (*DAYS, "event_budget_mb"), "description": "What is kept, and what would go: see /system."},
        ),
    )
    inlines = (MembershipInline, KeyInline)
    actions_detail = ("try_scrubbing", "connect")

    @unfold_action(description="Connect an application")
    def connect(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the first steps of this project: its DSN, snippets, and what arrives."""
        slug = visible_projects(admin_actor(request)).filter(pk=object_id).values_list("slug", flat=True).first()
        return HttpResponseRedirect(f"/first-steps?project={quote(slug or '')}")

    @unfold_action(description="Try the scrubbing")
    def try_scrubbing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the page of `inbox`, which knows what is removed."""
        return HttpResponseRedirect(f"{reverse('admin:projects_project_changelist')}{quote(object_id)}/try-scrubbing/")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Project | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        actor = admin_actor(request)
        if not change:
            made = create_project(actor, name=obj.name, slug=obj.slug)
            obj.pk = made.pk
        update_project(actor, obj, fields=[name for name in form.changed_data if name not in ("slug",)])

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)  # keys are read-only here: nothing comes of theirs
        if formset.model is not Membership:
            return
        actor = admin_actor(request)
        with faults_as_messages(request):
            for gone in formset.deleted_objects:
                remove_member(actor, gone)
            for row in rows:
                if row.pk is None:
                    add_member(actor, form.instance, row.user, Role(row.role))
                else:
                    change_role(actor, row, Role(row.role))


@admin.register(ProjectKey)
class ProjectKeyAdmin(ScopedAdmin):
    """A key is made, labelled and revoked; a revoked one stays, so that the trail and old mails can be read."""

    list_display = ("label", "project", "dsn_line", "created_at", "revoked_at")
    list_filter = ("project", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("label", "public_key")
    list_select_related = ("project",)
    actions = ("revoke",)

    class Media:
        js = (Script("projects/copy.js"),)

    @admin.display(description="DSN")
    def dsn_line(self, key: ProjectKey) -> SafeString:
        if key.revoked_at:
            return format_html("{}", dsn_with(key))
        return copyable(dsn_with(key))

    def get_fields(self, request: HttpRequest, obj: ProjectKey | None = None) -> tuple[str, ...]:
        return ("project", "label", "dsn_line", "created_at", "revoked_at") if obj else ("project", "label")

    def get_readonly_fields(self, request: HttpRequest, obj: ProjectKey | None = None) -> tuple[str, ...]:
        return ("project", "dsn_line", "created_at", "revoked_at") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "project":
            kwargs["queryset"] = visible_projects(admin_actor(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ProjectKey, form: Any, change: bool) -> None:
        with refusing(request):
            if change:
                label_key(admin_actor(request), obj, label=obj.label)
                return
            made = create_key(admin_actor(request), obj.project, label=obj.label)
            obj.pk, obj.public_key = made.pk, made.public_key

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ProjectKey]) -> None:
        for key in keys:
            with faults_as_messages(request):
                revoke_key(admin_actor(request), key)
        messages.success(request, "revoked: what these keys send is refused within 2 s")


@admin.register(Release)
class ReleaseAdmin(ScopedRecordAdmin):
    list_display = ("version", "project", "first_seen_at", "last_seen_at")
    list_filter = ("project",)
    search_fields = ("version",)
    list_select_related = ("project",)
