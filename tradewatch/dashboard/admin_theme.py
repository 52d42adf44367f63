"""How unfold looks and what its sidebar holds: the tokens of our own pages, the same list of entries."""

from collections.abc import Callable

from django.http import HttpRequest
from django.templatetags.static import static

from tradewatch.dashboard.navigation import NAVIGATION, Entry, current_entry

_BASE = "#f5f6f8 #eff1f4 #e1e4ea #c6ccd6 #8b95a5 #636c7b #4f5867 #343b47 #242a34 #12151b #0b0d11"
_PRIMARY = "#e9effc #dbe5fb #bcd0f8 #8fb3ff #8fb3ff #8fb3ff #2955c4 #2348a6 #1d3a83 #172340 #0f1730"
_SHADES = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")


def _static(path: str) -> Callable[[HttpRequest], str]:
    return lambda request: static(path)


def _may_see(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: not permission or request.user.has_perm(permission)


def _is_current(entry: Entry) -> Callable[[HttpRequest], bool]:
    return lambda request: current_entry(request.path) is entry


def _item(entry: Entry) -> dict[str, object]:
    return {
        "title": entry.name,
        "link": entry.path,
        "icon": entry.admin_icon,
        "permission": _may_see(entry.permission),
        "active": _is_current(entry),  # unfold's own guess takes "/alerts" for a part of "/admin/alerts/alertrule/"
    }


UNFOLD: dict[str, object] = {
    "SITE_TITLE": "TradeWatch",
    "SITE_HEADER": "TradeWatch",
    "SITE_SYMBOL": "monitoring",
    "SITE_URL": "/error-dashboard.html",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _static("tradewatch/favicon.svg")},
    ],
    "BORDER_RADIUS": "6px",
    "STYLES": [_static(f"tradewatch/{name}.css") for name in ("tokens", "marks", "admin")],
    "COLORS": {
        "base": dict(zip(_SHADES, _BASE.split(), strict=True)),
        "primary": dict(zip(_SHADES, _PRIMARY.split(), strict=True)),
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": True,
        "navigation": [
            {"title": section.name, "separator": False, "items": [_item(entry) for entry in section.entries]}
            for section in NAVIGATION
        ],
    },
}
