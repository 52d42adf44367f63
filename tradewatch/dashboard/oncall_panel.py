"""The dashboard's panel of who is on call now, on the wall too."""

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from alerts.oncall.reading import on_call_now, schedules_of
from tradewatch.core.panels import Watched
from tradewatch.dashboard.oncall_page import card_of

SCHEDULES_SHOWN = 6
KEPT_SECONDS = 10  # rendered twice a second for whoever watches, and who is on call changes a few times a day


def on_call_panel(watched: Watched) -> SafeString | None:
    """Return who is on call for the first schedules of these projects; None: there is no schedule."""
    key = "oncall-panel:" + ",".join(map(str, watched.project_ids[:50]))
    html: str = cache.get_or_set(key, lambda: _render(watched), KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def _render(watched: Watched) -> str:
    schedules = schedules_of(watched.project_ids)[:SCHEDULES_SHOWN]
    ids = list(schedules.values_list("pk", flat=True))
    found = on_call_now(schedules_of(watched.project_ids).filter(pk__in=ids), watched.now)
    cards = [card_of(one, me=None, now=watched.now) for one in found]
    return render_to_string("dashboard/_oncall_panel.html", {"cards": cards}) if cards else ""
