"""The one list of the sidebar: our pages and the admin both draw it from here.

Order and names are those of the design. An entry joins when its page exists: a link that leads nowhere is worse
than none. No model is imported here, because the settings read this file.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar. `icon` is a symbol of `icons.svg`, `admin_icon` one of Material Symbols (unfold's font).

    `permission` empty: every staff user sees it.
    """

    name: str
    path: str
    icon: str
    admin_icon: str
    permission: str = ""
    holds: tuple[str, ...] = ()  # paths elsewhere that belong to it too


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    entries: tuple[Entry, ...]


_ALERTING_MODELS = ("alertrule", "alertclassificationrule", "route", "inhibition", "quiethours", "maintenancewindow")
ALERTING = tuple(f"/admin/alerts/{model}/" for model in (*_ALERTING_MODELS, "notificationchannel", "intakesource"))

AUDIT = ("/admin/core/auditentry/",)

NAVIGATION = (
    Section(
        "Watch",
        (
            Entry("Dashboard", "/error-dashboard.html", "dash", "dashboard"),
            Entry("Issues", "/issues", "bug", "bug_report"),
            Entry("Alerts", "/alerts", "bell", "notifications"),
            Entry("Performance", "/performance", "pulse", "speed", holds=("/traces", "/hosts")),
            Entry("Logs", "/logs", "log", "subject"),
            Entry("Checks", "/checks", "check", "task_alt", holds=("/heartbeats",)),
            Entry("Releases", "/releases", "rocket", "rocket_launch", holds=("/admin/releases/",)),
            Entry("SLA", "/sla", "target", "target", holds=("/admin/sla/",)),
            Entry("Debugging", "/debug", "flask", "science", holds=("/admin/debugging/",)),
        ),
    ),
    Section(
        "On call",
        (
            Entry("Who is on call", "/oncall", "phone", "call"),
            Entry("Schedules", "/oncall/schedules", "clock", "calendar_month"),
            Entry("Silences", "/alerts/silences", "mute", "notifications_off"),
        ),
    ),
    Section(
        "Manage",
        (
            Entry("Projects and keys", "/admin/projects/project/", "gear", "settings", "projects.view_project"),
            Entry("Rules and routing", "/alerts/routing", "git", "rule", holds=ALERTING),
            Entry("People and roles", "/admin/auth/user/", "users", "group", "auth.view_user"),
            Entry("Audit and system", "/system", "shield", "shield", "core.view_auditentry", AUDIT),
        ),
    ),
)


# The pages under Performance, as tabs on top of each of them.
PERFORMANCE_TABS = (
    ("Overview", "/performance"),
    ("Transactions", "/performance/transactions"),
    ("Hosts", "/hosts"),
    ("Traces", "/traces"),
    ("Metrics", "/performance/metrics-explorer"),
)


def current_entry(path: str) -> Entry | None:
    """Return the entry that `path` belongs to: the longest one that it equals or lies under."""
    entries = [entry for section in NAVIGATION for entry in section.entries]
    places = [(place, entry) for entry in entries for place in (entry.path, *entry.holds)]
    under = [(place, entry) for place, entry in places if path == place or path.startswith(place.rstrip("/") + "/")]
    return max(under, key=lambda found: len(found[0]), default=("", None))[1]
