"""What a project's own settings may be."""

from collections.abc import Mapping

MAX_SCRUB_FIELDS = 100
MOST_DAYS = 3650
# Names that make up every event: to remove what stands under them would remove the event.
STRUCTURE = frozenset(
    (
        *("breadcrumbs", "contexts", "environment", "event_id", "exception", "extra", "frames", "in_app", "level"),
        *("logentry", "message", "modules", "platform", "request", "sdk", "stacktrace", "tags", "threads", "timestamp"),
        *("type", "user", "value", "values", "vars"),
    )
)
_SQUASHED = frozenset(name.replace("_", "") for name in STRUCTURE)


def fault_in_scrub_fields(names: object) -> str:
    """Return what is wrong with a project's extra scrub fields, in words; empty when nothing is."""
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        return 'expected a list of names, e.g. ["account_pin"]'
    if len(names) > MAX_SCRUB_FIELDS:
        return f"at most {MAX_SCRUB_FIELDS} names"
    parts = [name for name in names if "".join(c for c in name.lower() if c.isalnum()) in _SQUASHED]
    return f"{', '.join(parts)}: part of every event, not a field of yours" if parts else ""


def fault_in_slug(slug: str) -> str:
    """Return what is wrong with a slug; digits alone would be taken for an id wherever a project is named by either."""
    return "not digits alone" if slug.isdigit() else ""


def faults_in_retention(days: Mapping[str, int | None], budget_mb: int | None) -> dict[str, str]:
    """Return {field: what is wrong} of how long and how much a project keeps; empty values are the installation's."""
    faults = {
        name: f"1 to {MOST_DAYS} days"
        for name, value in days.items()
        if value is not None and not 1 <= value <= MOST_DAYS
    }
    if budget_mb is not None and budget_mb < 1:
        faults["event_budget_mb"] = "at least 1 MB"
    return faults
