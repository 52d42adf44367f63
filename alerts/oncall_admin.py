"""Admin of being on call: schedules with a preview, rotations, overrides, policies, contact rules, calendar links."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from alerts.contacts import rule_words
from alerts.models import (
    ContactAddress,
    ContactRule,
    EscalationPolicy,
    EscalationStep,
    EscalationTarget,
    FeedLink,
    NotificationChannel,
    Override,
    Rotation,
    RotationMember,
    Schedule,
)
from alerts.oncall.plans import plan_of, with_plans
from alerts.oncall.reading import people_in
from alerts.oncall.schedule import SchedulePlan, final_duties, gaps
from alerts.policies.reading import snapshot
from alerts.policies.steps import describe
from alerts.services.oncall import revoke_feed
from tradewatch.calendars.wall_clock import reading_at
from tradewatch.core import audit
from tradewatch.core.admin import PlainAdmin, RecordAdmin
from tradewatch.core.faults import NotAllowed
from tradewatch.projects import access
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import ProjectFilters, act_on_each, admin_actor
from tradewatch.projects.services.rules import require_rule_manager

PREVIEW = timedelta(days=14)


def preview(schedule: Schedule) -> SafeString:
    """Return who is on call in the next two weeks as a list, gaps said."""
    start = timezone.now()
    found = with_plans(Schedule.objects.filter(pk=schedule.pk), start, start + PREVIEW).first()
    if found is None:
        return format_html("{}", "Save it to see who is on call in the next two weeks.")
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{} to {}: {}</li>", _lines(plan_of(found))))


def _lines(plan: SchedulePlan) -> Iterator[tuple[str, str, str]]:
    start = timezone.now()
    people, duties = people_in([plan]), final_duties(plan, start, start + PREVIEW)
    lines = [(duty.span, f"{people[duty.who].name} ({duty.source})") for duty in duties]
    lines += [(gap, "Nobody") for gap in gaps(duties, start, start + PREVIEW)]
    for span, text in sorted(lines):
        yield (
            f"{reading_at(span.start, plan.zone):%a %d %b %H:%M}",
            f"{reading_at(span.end, plan.zone):%a %d %b %H:%M}",
            text,
        )


class NamesInSight:
    """Lets a form name only what the person may see: schedules, policies and channels of others stay unknown."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        model = db_field.remote_field.model
        if model in (Schedule, EscalationPolicy, NotificationChannel):
            visible = list(access.visible_projects(admin_actor(request)).values_list("id", flat=True))
            rows = model.objects.filter(Q(project=None) | Q(project__in=visible))
            kwargs["queryset"] = rows.filter(owner=None) if model is NotificationChannel else rows
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class OfSchedule(NamesInSight, ProjectFilters, PlainAdmin):
    """Parts of a schedule: seen with its project, changed by who manages it, each change in the audit trail."""

    def project_of(self, obj: Any) -> int | None:
        project_id: int | None = obj.schedule.project_id
        return project_id

    def schedule_path(self) -> str:
        return "schedule"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        visible = list(access.visible_projects(admin_actor(request)).values_list("id", flat=True))
        path = f"{self.schedule_path()}__project"
        return rows.filter(Q(**{path: None}) | Q(**{f"{path}__in": visible}))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or self._may(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or self._may(request, obj))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        if not self._may(request, obj):
            raise PermissionDenied("takes a manager of the schedule's project")
        super().save_model(request, obj, form, change)
        changes = {name: [str(form.initial.get(name)), str(form.cleaned_data.get(name))] for name in form.changed_data}
        name, done = obj._meta.model_name, "change" if change else "create"
        audit.record(admin_actor(request), f"{name}.{done}", obj, project_id=self.project_of(obj), changes=changes)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        if not self._may(request, obj):
            raise PermissionDenied("takes a manager of the schedule's project")
        audit.record(admin_actor(request), f"{obj._meta.model_name}.delete", obj, project_id=self.project_of(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def _may(self, request: HttpRequest, obj: Any) -> bool:
        try:
            require_rule_manager(admin_actor(request), self.project_of(obj))
        except NotAllowed:
            return False
        return True


class RotationInline(TabularInline):  # type: ignore[misc]
    model = Rotation
    fields = ("position", "name", "kind", "every", "shift_minutes", "starts_on", "handoff_time", "restrictions")
    extra = 0
    show_change_link = True
    tab = True


class OverrideInline(TabularInline):  # type: ignore[misc]
    model = Override
    fields = ("start_at", "end_at", "user", "instead_of", "reason")
    extra = 0
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(end_at__gt=timezone.now())


@admin.register(Schedule)
class ScheduleAdmin(RuleAdmin):
    list_display = ("name", "project", "zone", "calendar", "page")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name",)
    inlines = (RotationInline, OverrideInline)
    readonly_fields = ("page", "next_two_weeks")

    @admin.display(description="page")
    def page(self, schedule: Schedule) -> SafeString:
        if schedule.pk is None:
            return format_html("{}", "—")
        return format_html('<a href="{}">Open the calendar</a>', schedule.get_absolute_url())

    @admin.display(description="next two weeks")
    def next_two_weeks(self, schedule: Schedule) -> SafeString:
        return preview(schedule)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save()
        if formset.has_changed():
            parts = {"changed": formset.changed_objects, "new": formset.new_objects, "deleted": formset.deleted_objects}
            counts = ", ".join(f"{len(rows)} {word}" for word, rows in parts.items() if rows)
            changes = {formset.prefix: [None, counts]}
            project_id = form.instance.project_id
            audit.record(admin_actor(request), "schedule.change", form.instance, project_id=project_id, changes=changes)


class MemberInline(TabularInline):  # type: ignore[misc]
    model = RotationMember
    fields = ("position", "user")
    extra = 1
    ordering_field = "position"


@admin.register(Rotation)
class RotationAdmin(OfSchedule):
    list_display = ("name", "schedule", "position", "kind", "every", "handoff_time")
    list_filter = ("schedule__project",)
    list_select_related = ("schedule",)
    search_fields = ("name",)
    inlines = (MemberInline,)
    readonly_fields = ("next_two_weeks",)

    @admin.display(description="the schedule's next two weeks")
    def next_two_weeks(self, rotation: Rotation) -> SafeString:
        return preview(rotation.schedule) if rotation.pk else format_html("{}", "Save it to see them.")


@admin.register(Override)
class OverrideAdmin(OfSchedule):
    list_display = ("schedule", "start_at", "end_at", "user", "instead_of", "reason", "created_by")
    list_filter = ("schedule__project",)
    list_select_related = ("schedule", "user", "instead_of")
    date_hierarchy = "start_at"

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        assert isinstance(obj, Override)  # noqa: S101  # what this admin is registered for
        obj.created_by = obj.created_by or admin_actor(request).label
        super().save_model(request, obj, form, change)


class AddedRow(forms.ModelForm):  # type: ignore[type-arg]
    """A row that somebody added counts, even with every value as proposed: the first step is often exactly that."""

    def has_changed(self) -> bool:
        return True


class StepInline(TabularInline):  # type: ignore[misc]
    model = EscalationStep
    form = AddedRow
    fields = ("position", "wait_seconds", "is_round_robin")
    extra = 0
    show_change_link = True
    ordering_field = "position"


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(RuleAdmin):
    list_display = ("name", "project", "repeats", "in_words")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name",)
    inlines = (StepInline,)
    readonly_fields = ("in_words",)

    @admin.display(description="steps")
    def in_words(self, policy: EscalationPolicy) -> SafeString:
        if policy.pk is None:
            return format_html("{}", "Save it, then give each step its targets.")
        waited, lines = 0, []
        for number, step in enumerate(snapshot(policy).steps, start=1):
            waited += step.wait_seconds
            lines.append((number, f"after {waited // 60} min" if waited else "at once", describe(step)))
        return (
            format_html_join("", "<p>{}. {}: {}</p>", lines) if lines else format_html("{}", "no steps: nobody is told")
        )


class TargetInline(NamesInSight, TabularInline):  # type: ignore[misc]
    model = EscalationTarget
    fields = ("kind", "user", "schedule", "team", "channel")
    extra = 1


@admin.register(EscalationStep)
class EscalationStepAdmin(OfSchedule):
    list_display = ("policy", "position", "wait_seconds", "is_round_robin", "targets_in_words")
    list_filter = ("policy__project",)
    list_select_related = ("policy",)
    inlines = (TargetInline,)

    def project_of(self, obj: Any) -> int | None:
        project_id: int | None = obj.policy.project_id
        return project_id

    def schedule_path(self) -> str:
        return "policy"

    @admin.display(description="tells")
    def targets_in_words(self, step: EscalationStep) -> str:
        return ", ".join(str(target) for target in step.targets.all()) or "nobody"


class OfPerson(PlainAdmin):
    """A person's own: seen and changed by that person and by superusers."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        me = request.user.pk or 0
        own: dict[str, QuerySet[Any]] = {
            "user": get_user_model().objects.filter(pk=me),
            "address": ContactAddress.objects.filter(user=me),
            "channel": NotificationChannel.objects.filter(owner=me),
        }
        if db_field.name in own and not request.user.is_superuser:
            kwargs["queryset"] = own[db_field.name]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(user=request.user.pk)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        if not request.user.is_superuser and obj.user_id != request.user.pk:  # type: ignore[attr-defined]
            raise PermissionDenied("a person's contact rules are their own")
        super().save_model(request, obj, form, change)
        audit.record(admin_actor(request), f"{obj._meta.model_name}.{'change' if change else 'create'}", obj)


@admin.register(ContactRule)
class ContactRuleAdmin(OfPerson):
    list_display = ("user", "severity", "words", "method")
    list_filter = ("severity", "method")
    list_select_related = ("user", "address", "channel")
    search_fields = ("user__username",)

    @admin.display(description="how")
    def words(self, rule: ContactRule) -> str:
        return rule_words(rule)


@admin.register(ContactAddress)
class ContactAddressAdmin(OfPerson):
    list_display = ("address", "user", "verified_at")
    list_select_related = ("user",)
    readonly_fields = ("verified_at",)
    search_fields = ("address", "user__username")


@admin.register(FeedLink)
class FeedLinkAdmin(RecordAdmin):
    list_display = ("__str__", "created_by", "created_at", "last_read_at", "revoked_at")
    list_select_related = ("schedule", "person", "created_by")
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        mine = Q(created_by=request.user.pk) | Q(person=request.user.pk)
        return rows if request.user.is_superuser else rows.filter(mine)

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, feeds: QuerySet[FeedLink]) -> None:
        act_on_each(request, feeds, revoke_feed, "revoked")
