"""Hosts in the admin: read what reported, retire and delete what is gone."""

from functools import partial

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tradewatch.core.admin import RecordAdmin, refusing
from tradewatch.performance.hosts.services import delete_host, retire_host
from tradewatch.performance.models import Host
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each, admin_actor


@admin.register(Host)
class HostAdmin(ScopedRecordAdmin):
    """Rows come with reports. Only a host that is gone for good is deleted: one that reports is back at once."""

    list_display = ("name", "project", "environment", "state", "platform", "agent_version", "last_seen_at")
    list_filter = ("project", "environment")
    list_select_related = ("project",)
    search_fields = ("name", "platform")
    readonly_fields = ("page",)
    actions = ("retire",)

    @admin.display(description="state")
    def state(self, row: Host) -> str:
        return str(row.state(timezone.now()))

    @admin.display(description="page")
    def page(self, row: Host) -> SafeString:
        return format_html('<a href="{}">Open its page</a>', row.get_absolute_url())

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(super(RecordAdmin, self).has_delete_permission(request, obj))

    def delete_model(self, request: HttpRequest, obj: Host) -> None:
        with refusing(request):
            delete_host(admin_actor(request), obj, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Host]) -> None:
        for host in queryset:
            self.delete_model(request, host)

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request: HttpRequest, rows: QuerySet[Host]) -> None:
        act_on_each(request, rows, partial(retire_host, now=timezone.now()), "retired")
