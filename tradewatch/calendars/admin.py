from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tradewatch.calendars.models import MarketCalendar, MarketDay
from tradewatch.calendars.queries import market_state
from tradewatch.calendars.refreshing import WARN_BEFORE
from tradewatch.core import audit
from tradewatch.core.admin import PlainAdmin
from tradewatch.projects.scoped_admin import admin_actor


class AuditedAdmin(PlainAdmin):
    """Markets belong to the installation: who may change them by permission does, and leaves a trail."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        changes = {name: [str(form.initial.get(name)), str(form.cleaned_data.get(name))] for name in form.changed_data}
        audit.record(admin_actor(request), f"calendar.{'change' if change else 'create'}", obj, changes=changes)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        audit.record(admin_actor(request), "calendar.delete", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)


@admin.register(MarketCalendar)
class MarketCalendarAdmin(AuditedAdmin):
    list_display = ("code", "name", "zone", "now", "data_until", "ends", "loaded_at", "last_fault")
    readonly_fields = ("loaded_at", "last_fault", "data_until", "days_link")
    search_fields = ("code", "name")
    actions = ("refresh",)

    @admin.display(description="now")
    def now(self, calendar: MarketCalendar) -> SafeString:
        state, said = market_state(calendar.code, timezone.now())
        return format_html('<span title="{}">{}</span>', said, state.phase if state else "no data")

    @admin.display(description="data")
    def ends(self, calendar: MarketCalendar) -> SafeString:
        if calendar.is_always_open:
            return format_html('<span class="badge ok">{}</span>', "never ends")
        if calendar.data_until is None:
            return format_html('<span class="badge hollow">{}</span>', "not loaded yet")
        left = (calendar.data_until - timezone.localdate()).days
        style = "ok" if left >= WARN_BEFORE.days else "warning" if left >= 0 else "error"
        return format_html('<span class="badge {}">{}</span>', style, f"ends in {left} days" if left >= 0 else "ended")

    @admin.display(description="days")
    def days_link(self, calendar: MarketCalendar) -> SafeString:
        path = f"/admin/calendars/marketday/?calendar__id__exact={calendar.pk}"
        return format_html('<a href="{}">Sessions and holidays of {}</a>', path, calendar.code)

    @admin.action(description="Load again from exchange_calendars", permissions=["change"])
    def refresh(self, request: HttpRequest, calendars: Any) -> None:
        due = calendars.filter(is_loaded=True, is_always_open=False)
        count = due.update(loaded_at=None, load_claimed_at=None)
        messages.success(request, f"{count} calendars are loaded again within a minute. Days written by hand stay.")


@admin.register(MarketDay)
class MarketDayAdmin(AuditedAdmin):
    """Saving a day here makes it written by hand: a refresh leaves it alone until it is deleted."""

    list_display = (
        "day",
        "calendar",
        "opens_at",
        "closes_at",
        "break_starts_at",
        "is_early_close",
        "name",
        "is_edited",
    )
    list_filter = ("calendar", "is_edited", "is_early_close")
    list_select_related = ("calendar",)
    date_hierarchy = "day"
    search_fields = ("name",)
    exclude = ("is_edited",)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        assert isinstance(obj, MarketDay)  # noqa: S101  # what this admin is registered for
        obj.is_edited = True
        super().save_model(request, obj, form, change)
        known = obj.calendar.data_until
        if known is None or obj.day > known:
            MarketCalendar.objects.filter(pk=obj.calendar_id, is_loaded=False).update(data_until=obj.day)
