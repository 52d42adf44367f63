"""The pages that the benchmark of triage asks for. Read from the store, so that ids fit."""

from tradewatch.errors.models import Event, Issue


def pages() -> dict[str, str]:
    """Return {what: path}."""
    loudest = Issue.objects.order_by("-event_count").first()
    assert loudest is not None
    middle = Event.objects.filter(issue=loudest).order_by("-timestamp")[1000:1001].get()
    return {
        "issue list": "/issues?window=24h",
        "issue page": f"/issues/{loudest.pk}",
        "event page": middle.get_absolute_url(),
        "dashboard": "/error-dashboard.html",
        "dashboard, 24 h": "/error-dashboard.html?window=24h",
        "dashboard, 30 days": "/error-dashboard.html?window=30d",
    }
