from functools import partial
from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tradewatch.accounts.models import Authenticator, SessionRecord
from tradewatch.accounts.services import end_session, reset_authenticator
from tradewatch.accounts.services.lockouts import unlock
from tradewatch.core.admin import RecordAdmin
from tradewatch.projects.scoped_admin import act_on_each

if admin.site.is_registered(AccessAttempt):
    admin.site.unregister(AccessAttempt)


class SuperusersAlone:
    """Everybody's logins are nobody's business but a superuser's; one's own are under "Your account"."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


@admin.register(SessionRecord)
class SessionAdmin(SuperusersAlone, RecordAdmin):
    list_display = ("user", "device", "address", "last_seen_at", "started_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__username", "address")
    date_hierarchy = "last_seen_at"
    exclude = ("key_hash",)
    actions = ("end",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "user__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    @admin.display(description="device")
    def device(self, record: SessionRecord) -> str:
        return record.device

    @admin.action(description="Log out", permissions=["change"])
    def end(self, request: HttpRequest, records: QuerySet[SessionRecord]) -> None:
        act_on_each(request, records, partial(end_session, now=timezone.now()), "logged out")


@admin.register(Authenticator)
class AuthenticatorAdmin(SuperusersAlone, RecordAdmin):
    """Who has a second factor. The seed is shown to nobody."""

    list_display = ("user", "confirmed_at", "last_used_at", "failures", "last_failed_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    exclude = ("seed", "last_step")
    actions = ("reset",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name not in self.exclude]

    @admin.action(description="Reset: the phone is lost", permissions=["change"])
    def reset(self, request: HttpRequest, authenticators: QuerySet[Authenticator]) -> None:
        act_on_each(request, authenticators, reset_authenticator, "reset")


@admin.register(AccessAttempt)
class FailedLoginAdmin(SuperusersAlone, RecordAdmin):
    """Logins that failed. Five of one name from one address lock the two for 15 minutes.

    An IPv6 address stands here for its /64: limits count that as one client.
    """

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("username", "ip_address")
    date_hierarchy = "attempt_time"
    exclude = ("get_data", "post_data")
    actions = ("unlock",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name not in self.exclude]

    @admin.action(description="Unlock", permissions=["change"])
    def unlock(self, request: HttpRequest, attempts: QuerySet[AccessAttempt]) -> None:
        act_on_each(request, attempts, unlock, "unlocked")
