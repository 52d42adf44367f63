from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from debugging.admin.inlines import EntryInline, StepInline
from debugging.admin.storage import StorageShown
from debugging.choices import SessionState
from debugging.models import DebugSession
from debugging.sessions.queries import possible_owners
from debugging.sessions.services import (
    LONGEST_CONCLUSION,
    end_session,
    give_session,
    reopen_session,
    retitle_session,
    write_conclusion,
)
from tradewatch.core.actors import Actor
from tradewatch.core.admin import faults_as_messages, refusing
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each, admin_actor

EDITED = ("title", "owner", "conclusion")


class SessionForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    conclusion = forms.CharField(
        required=False, max_length=LONGEST_CONCLUSION, widget=forms.Textarea, help_text="What the cause was."
    )

    class Meta:
        model = DebugSession
        fields = EDITED


@admin.register(DebugSession)
class DebugSessionAdmin(StorageShown, ScopedRecordAdmin):
    """Sessions are opened on an error: from its event's page, or through the API. An ended one is reopened first."""

    form = SessionForm
    list_display = ("name", "title", "project", "environment", "state", "owner", "issue", "opened_at", "closed_at")
    list_display_links = ("name", "title")
    list_filter = ("project", "state", "environment")
    search_fields = ("title", "conclusion", "owner__username", "opened_by")
    list_select_related = ("project", "owner", "issue")
    ordering = ("-opened_at", "-id")
    date_hierarchy = "opened_at"
    inlines = (StepInline, EntryInline)
    actions = ("take", "resolve", "close", "reopen")
    readonly_fields = ("page",)

    @admin.display(description="page")
    def page(self, session: DebugSession) -> SafeString:
        return format_html('<a href="{}">Open {}</a>', session.get_absolute_url(), session.name)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = super().get_readonly_fields(request, obj)
        may_edit = obj is not None and obj.is_open and self.has_change_permission(request, obj)
        return [name for name in names if name not in EDITED] if may_edit else names

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None and "owner" in form.base_fields:
            people = [person.pk for person in possible_owners(obj.project_id)]
            form.base_fields["owner"].queryset = User.objects.filter(pk__in=[*people, request.user.pk])
        return form

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: DebugSession, form: Any, change: bool) -> None:
        actor, now = admin_actor(request), timezone.now()
        session = DebugSession.objects.get(pk=obj.pk)
        said = {name: form.cleaned_data[name] for name in form.changed_data if name in EDITED}
        with refusing(request), faults_as_messages(request):
            if "title" in said:
                retitle_session(actor, session, said["title"], now=now)
            if "owner" in said:
                give_session(actor, session, said["owner"], now=now)
            if "conclusion" in said:
                write_conclusion(actor, session, said["conclusion"], now=now)

    @admin.action(description="Take", permissions=["change"])
    def take(self, request: HttpRequest, rows: QuerySet[DebugSession]) -> None:
        person = User.objects.get(pk=request.user.pk or 0)
        act_on_each(request, rows, lambda actor, row: give_session(actor, row, person, now=timezone.now()), "taken")

    @admin.action(description="Resolve by their conclusion", permissions=["change"])
    def resolve(self, request: HttpRequest, rows: QuerySet[DebugSession]) -> None:
        act_on_each(request, rows, _ending(SessionState.RESOLVED), "resolved")

    @admin.action(description="Close without a finding", permissions=["change"])
    def close(self, request: HttpRequest, rows: QuerySet[DebugSession]) -> None:
        act_on_each(request, rows, _ending(SessionState.CLOSED), "closed")

    @admin.action(description="Reopen", permissions=["change"])
    def reopen(self, request: HttpRequest, rows: QuerySet[DebugSession]) -> None:
        act_on_each(request, rows, _reopen, "reopened")


def _ending(state: SessionState) -> Callable[[Actor, DebugSession], DebugSession]:
    return lambda actor, row: end_session(actor, row, state, now=timezone.now())


def _reopen(actor: Actor, row: DebugSession) -> DebugSession:
    return reopen_session(actor, row, now=timezone.now())
