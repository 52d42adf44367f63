"""Third-party admins, registered again so that they look like ours, and so that changes to people are audited."""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from tradewatch.core import audit
from tradewatch.core.admin import PlainAdmin, RecordAdmin
from tradewatch.projects.scoped_admin import admin_actor

for model in (User, Group):
    admin.site.unregister(model)
if admin.site.is_registered(AccessAttempt):
    admin.site.unregister(AccessAttempt)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, PlainAdmin):  # type: ignore[misc,type-arg]
    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = ("username", "email", "is_staff", "is_superuser", "is_active", "last_login")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        changes = {name: ["changed", "changed"] for name in form.changed_data}  # never the values: a password is one
        audit.record(admin_actor(request), "user.change" if change else "user.create", obj, changes=changes)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        audit.record(admin_actor(request), "user.delete", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for user in queryset:
            self.delete_model(request, user)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, PlainAdmin):  # type: ignore[misc]
    """The role groups come by migration; memberships put people into them."""


@admin.register(AccessAttempt)
class AccessAttemptAdmin(RecordAdmin):
    """Logins that failed; deleting one ends its lockout."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("username", "ip_address")
    date_hierarchy = "attempt_time"
    exclude = ("get_data", "post_data")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)
