"""Targets in the admin: saving the form makes a version; archived and restored one by one or in bulk, with a reason."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action

from sla.admin.forms import BURN, COUNTED, THRESHOLDS, WINDOW, TargetForm
from sla.admin.whatif import whatif_page
from sla.choices import Indicator
from sla.models import Target, TargetVersion
from sla.services.defaults import ensure_missing_defaults
from sla.services.targets import (
    Saved,
    archive_target,
    create_target,
    rename_target,
    restore_target,
    update_target,
)
from sla.words import promise_words
from tradewatch.core.admin import ReadOnlyInline, refusing
from tradewatch.core.faults import Conflict
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.scoped_admin import ScopedAdmin, act_on_each, admin_actor


class StandingFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archived", "Archived"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        yield {**first, "display": "Judged"}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Target]) -> QuerySet[Target]:
        if self.value() == "all":
            return queryset
        return queryset.filter(archived_at__isnull=self.value() != "archived")


class IndicatorFilter(admin.SimpleListFilter):
    title = "indicator"
    parameter_name = "indicator"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in Indicator.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Target]) -> QuerySet[Target]:
        """An indicator stays through all versions: the first says it."""
        if not self.value():
            return queryset
        return queryset.filter(versions__number=1, versions__indicator=self.value())


class VersionInline(ReadOnlyInline):
    model = TargetVersion
    fields = ("number", "valid_from", "promises", "actor", "reason")
    readonly_fields = fields
    per_page = 30
    verbose_name_plural = "versions"

    @admin.display(description="promises")
    def promises(self, version: TargetVersion) -> str:
        return promise_words(version) if version.pk else ""  # the admin may ask of an empty row


@admin.register(Target)
class TargetAdmin(ScopedAdmin):
    form = TargetForm
    list_display = ("metric_name", "title", "project", "promises", "in_force_since", "is_default")
    list_filter = (StandingFilter, IndicatorFilter, "is_default", "project")
    list_select_related = ("project",)
    search_fields = ("metric_name", "title")
    inlines = (VersionInline,)
    actions = ("archive", "restore")
    actions_detail = ("open_page", "what_if", "open_corrections", "archive_it", "restore_it")
    fieldsets = (
        (None, {"fields": ("project", "metric_name", "title")}),
        ("Thresholds", {"fields": THRESHOLDS}),
        ("What is counted", {"fields": COUNTED}),
        ("Window", {"fields": WINDOW}),
        ("Burn alerts", {"fields": BURN}),
        ("Why", {"fields": ("reason", "seen")}),
    )

    def get_urls(self) -> list[URLPattern]:
        whatif = self.admin_site.admin_view(self.whatif_view)
        return [path("<int:pk>/what-if/", whatif, name="sla_target_whatif"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Target]:
        rows: QuerySet[Target] = super().get_queryset(request)
        return rows.prefetch_related("versions")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        visible = access.visible_projects(admin_actor(request)).values_list("pk", flat=True)
        ensure_missing_defaults(list(visible), now=timezone.now())
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except Conflict as fault:
            messages.error(request, fault.detail)
            return HttpResponseRedirect(request.path)
        return answer

    def get_readonly_fields(self, request: HttpRequest, obj: Target | None = None) -> tuple[str, ...]:
        return ("project", "metric_name") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "project":
            kwargs["queryset"] = access.visible_projects(admin_actor(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Target | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return bool(may and (obj is None or (obj.archived_at is None and _may_write(request, obj))))

    def has_delete_permission(self, request: HttpRequest, obj: Target | None = None) -> bool:
        return False  # reports and versions speak of it: it is archived

    def save_model(self, request: HttpRequest, obj: Target, form: TargetForm, change: bool) -> None:
        actor, now, reason = admin_actor(request), timezone.now(), form.cleaned_data.get("reason", "")
        with refusing(request):
            if change:
                rename_target(actor, obj, title=obj.title)
                values = {name: getattr(form.promise, name) for name in form.promise.__dataclass_fields__}
                seen = form.cleaned_data.get("seen")
                saved = update_target(actor, obj, values, reason=reason, seen_number=seen, now=now)
            else:
                name, title = obj.metric_name, obj.title
                saved = create_target(actor, obj.project, name, form.promise, title=title, reason=reason, now=now)
                obj.pk = saved.target.pk
        _tell(request, saved)

    @admin.display(description="promises")
    def promises(self, target: Target) -> str:
        return promise_words(target.versions.all()[0])  # prefetched, the newest first

    @admin.display(description="in force since")
    def in_force_since(self, target: Target) -> Any:
        return target.versions.all()[0].valid_from

    # --- actions -----------------------------------------------------------------------------------------------------
    @admin.action(description="Archive, with a reason", permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[Target]) -> HttpResponse | None:
        return self._archive(request, rows)

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: HttpRequest, rows: QuerySet[Target]) -> None:
        act_on_each(request, rows, restore_target, "restored")

    @action(description="Open its page", url_path="page")
    def open_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(self._visible(request, object_id).get_absolute_url())

    @action(description="What if…", url_path="open-what-if")
    def what_if(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:sla_target_whatif", args=[object_id]))

    @action(description="Corrections", url_path="corrections")
    def open_corrections(self, request: HttpRequest, object_id: int) -> HttpResponse:
        target = self._visible(request, object_id)
        return HttpResponseRedirect(f"/admin/sla/correction/?project__id__exact={target.project_id}")

    @action(description="Archive", url_path="archive")
    def archive_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        target = self._visible(request, object_id)
        return self._archive(request, Target.objects.filter(pk=target.pk)) or self._back(target)

    @action(description="Restore", url_path="restore")
    def restore_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        target = self._visible(request, object_id)
        act_on_each(request, Target.objects.filter(pk=target.pk), restore_target, "restored")
        return self._back(target)

    def whatif_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        target = self._visible(request, pk)
        return whatif_page(request, target, may_save=self.has_change_permission(request, target))

    def _archive(self, request: HttpRequest, rows: QuerySet[Target]) -> HttpResponse | None:
        """Show the form that asks why; archive when it is posted."""
        if "apply" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Archive targets",
                "targets": rows,
                "opts": self.opts,
                "is_action": request.method == "POST",
            }
            return TemplateResponse(request, "sla/admin/archive.html", context)
        reason = request.POST.get("reason", "").strip()
        act_on_each(request, rows, partial(archive_target, reason=reason, now=timezone.now()), "archived")
        return None

    def _visible(self, request: HttpRequest, object_id: int) -> Target:
        target: Target | None = self.get_queryset(request).filter(pk=object_id).first()
        if target is None or not self.has_view_permission(request, target):
            raise PermissionDenied
        return target

    def _back(self, target: Target) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:sla_target_change", args=[target.pk]))


def _may_write(request: HttpRequest, target: Target) -> bool:
    return access.may(admin_actor(request), target.project_id, Role.MANAGER, scope=Scope.SLA_WRITE)


def _tell(request: HttpRequest, saved: Saved) -> None:
    if saved.is_new:
        messages.success(request, f"Version {saved.version.number} is in force.")
    for warning in saved.warnings:
        messages.warning(request, warning)
