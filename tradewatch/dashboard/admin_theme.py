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


def _tab(model: str, title: str, permission: str) -> dict[str, object]:
    path = f"/admin/{model.replace('.', '/')}/"
    return {"title": title, "link": path, "permission": _may_open(permission)}


def _may_open(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission) if permission else request.user.is_staff


# Lists that belong together: each shows the others as tabs above it.
_TABS = (
    (
        ("auth.user", "People", "auth.view_user"),
        ("projects.team", "Teams", ""),
        ("accounts.sessionrecord", "Sessions", "accounts.view_sessionrecord"),
        ("accounts.authenticator", "Factors", "accounts.view_authenticator"),
        ("axes.accessattempt", "Failed logins", "axes.view_accessattempt"),
    ),
    (
        ("projects.project", "Projects", "projects.view_project"),
        ("projects.projectkey", "DSN keys", "projects.view_projectkey"),
        ("projects.apitoken", "API tokens", "projects.view_apitoken"),
        ("projects.release", "Releases", "projects.view_release"),
        ("processes.erasure", "Erased persons", "processes.view_erasure"),
    ),
)

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
    "TABS": [{"models": [model for model, *_ in tabs], "items": [_tab(*tab) for tab in tabs]} for tabs in _TABS],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": True,
        "navigation": [
            {"title": section.name, "separator": False, "items": [_item(entry) for entry in section.entries]}
            for section in NAVIGATION
        ],
    },
}
