"""Accounts of staff, a superuser's to manage: one form invites a person and gives them their roles."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import UnfoldAdminPasswordWidget

from tradewatch.accounts import reset
from tradewatch.accounts.models import SessionRecord
from tradewatch.accounts.services import end_other_sessions
from tradewatch.core import audit
from tradewatch.core.admin import PlainAdmin, RecordAdmin, faults_as_messages
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Membership
from tradewatch.projects.scoped_admin import act_on_each, admin_actor
from tradewatch.projects.services import add_member, change_role, remove_member
from tradewatch.projects.services.people import change_person, create_person, delete_person

for model in (User, Group):
    admin.site.unregister(model)


class InviteForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A new account. Without a password it is invited: a link by mail lets the person choose one."""

    password = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Empty: a link to choose one goes to the e-mail address, and works for a day.",
    )

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "is_superuser")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password"):
            try:
                validate_password(cleaned["password"], User(username=cleaned.get("username", "")))
            except ValidationError as error:
                self.add_error("password", error)
        elif not cleaned.get("email"):
            self.add_error("email", "Enter an address for the invitation, or a password below.")
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if password := self.cleaned_data.get("password"):
            self.instance.set_password(password)
        else:
            self.instance.set_unusable_password()


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    actor_id: int | None = None

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance.pk == self.actor_id:
            for name in ("is_active", "is_staff", "is_superuser"):
                if not cleaned.get(name):
                    self.add_error(name, "Your own rights are another superuser's to take.")
        return cleaned


class RolesInline(TabularInline):  # type: ignore[misc]
    """In which projects, as what. Nothing here and no superuser: the person can log in and sees no project."""

    model = Membership
    extra = 1
    verbose_name_plural = "roles in projects"


@admin.register(User)
class UserAdmin(DjangoUserAdmin, PlainAdmin):  # type: ignore[misc,type-arg]
    form, add_form, change_password_form = PersonForm, InviteForm, AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "roles", "factor", "is_superuser", "is_active", "last_login")
    list_filter = ("is_active", "is_superuser", "is_staff", "memberships__project", "teams")
    filter_horizontal = ()
    inlines = (RolesInline,)
    actions = ("invite", "log_out", "deactivate")
    readonly_fields = ("logins", "last_login", "date_joined", "set_password_link")
    fieldsets = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email")}),
        ("Rights", {"fields": (("is_active", "is_staff", "is_superuser"),)}),
        ("Login", {"fields": ("set_password_link", "logins", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email", "password")}),
        ("Rights", {"fields": ("is_superuser",), "description": "Only where roles in projects do not reach."}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request)
        return users.select_related("authenticator").prefetch_related("memberships__project")

    @admin.display(description="name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        held = [f"{each.get_role_display()} of {each.project}" for each in user.memberships.all()]
        return ", ".join(held[:3]) + (f" and {len(held) - 3} more" if len(held) > 3 else "") if held else "none"

    @admin.display(description="second factor", boolean=True)
    def factor(self, user: User) -> bool:
        return hasattr(user, "authenticator") and user.authenticator.confirmed_at is not None

    @admin.display(description="password")
    def set_password_link(self, user: User) -> SafeString:
        state = "set" if user.has_usable_password() else "none yet: invited"
        change = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('{} · <a href="{}" class="text-link">Set another</a>', state, change)

    @admin.display(description="sessions and second factor")
    def logins(self, user: User) -> SafeString:
        open_ones = SessionRecord.objects.filter(user=user, ended_at=None).count()
        return format_html(
            '<a class="text-link" href="{}?user__id__exact={}">{} {}</a> · '
            '<a class="text-link" href="{}?q={}">second factor {}</a>',
            reverse("admin:accounts_sessionrecord_changelist"),
            user.pk,
            open_ones,
            "session" if open_ones == 1 else "sessions",
            reverse("admin:accounts_authenticator_changelist"),
            user.get_username(),
            "on" if self.factor(user) else "off",
        )

    # --- writes: services decide, and write the trail ---------------------------------------------------------------
    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.actor_id = request.user.pk
        return form

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            change_person(admin_actor(request), obj, fields=form.changed_data)
            return
        create_person(admin_actor(request), obj)
        if not obj.has_usable_password():
            self._send_invitation(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows, actor = formset.save(commit=False), admin_actor(request)
        with faults_as_messages(request):
            for gone in formset.deleted_objects:
                remove_member(actor, gone)
            for row in rows:
                if row.pk is None:
                    add_member(actor, row.project, form.instance, Role(row.role))
                else:
                    change_role(actor, row, Role(row.role))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_person(admin_actor(request), obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for user in queryset:
            with faults_as_messages(request):
                delete_person(admin_actor(request), user)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        is_oneself = obj is not None and obj.pk == request.user.pk
        return bool(super().has_delete_permission(request, obj)) and not is_oneself

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """As Django's, but what goes with a person (sessions, second factor) needs no permission of its own."""
        shown, counts, _, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Django's page; a password that was set ends the person's sessions and is in the trail, without its value."""
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            user = User.objects.get(pk=id)
            audit.record(admin_actor(request), "user.set_password", user)
            end_other_sessions(admin_actor(request), user, but=None, now=timezone.now())
        return answer

    @admin.action(description="Send an invitation by mail", permissions=["change"])
    def invite(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users.filter(is_active=True, is_staff=True).exclude(email=""):
            self._send_invitation(request, user)

    @admin.action(description="Log out everywhere", permissions=["change"])
    def log_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        act_on_each(request, users, partial(end_other_sessions, but=None, now=timezone.now()), "logged out")

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        act_on_each(request, users, _deactivate, "deactivated")

    def _send_invitation(self, request: HttpRequest, user: User) -> None:
        audit.record(admin_actor(request), "user.invite", user)
        mail = reset.build_mail(user, "invite")
        transaction.on_commit(lambda: _post(mail))
        messages.success(request, f"An invitation goes to {user.email}")


def _post(mail: Any) -> None:
    reset.post([mail])


def _deactivate(actor: Any, user: User) -> None:
    user.is_active = False
    change_person(actor, user, fields=["is_active"])


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, RecordAdmin):  # type: ignore[misc]
    """The groups of the roles, for reading: they come by migration, and memberships put people into them."""

    filter_horizontal = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
