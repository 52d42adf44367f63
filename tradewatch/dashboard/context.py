"""What every page's frame shows."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from tradewatch.dashboard.navigation import NAVIGATION, current_entry


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the sidebar and the clock. The admin draws its own frame and gets nothing."""
    if request.path.startswith("/admin/") or not getattr(request, "user", None):
        return {}
    sections = [
        (
            section.name,
            [entry for entry in section.entries if not entry.permission or request.user.has_perm(entry.permission)],
        )
        for section in NAVIGATION
    ]
    return {
        "navigation": [(name, entries) for name, entries in sections if entries],
        "current_entry": current_entry(request.path),
        "now": timezone.now(),
    }
