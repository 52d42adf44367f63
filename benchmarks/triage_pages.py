"""The pages that the benchmark of triage asks for. Read from the store, so that ids fit."""

from urllib.parse import urlencode

from tradewatch.errors.models import Event, Issue

SEARCHES = {
    "search by tag": "is:unresolved venue:venue-3",
    "search by a rare tag": "account:ACC-7 symbol:SYM7",
    "search by the beginning of a tag": "release:oms@4.1*",
    "search by user": "user.id:7",
    "search by text": "margin !level:warning",
}


def pages() -> dict[str, str]:
    """Return {what: path}."""
    loudest = Issue.objects.order_by("-event_count").first()
    assert loudest is not None
    place = min(1000, loudest.event_count // 2)
    middle = Event.objects.filter(issue=loudest).order_by("-timestamp")[place : place + 1].get()
    return {
        "issue list": "/issues?window=24h",
        "issue list, production": "/issues?window=24h&environment=production",
        "issue list, by frequency": "/issues?window=24h&sort=frequency",
        "issue list, by trend": "/issues?window=24h&sort=trend",
        "issue list, by frequency, 30 days": "/issues?window=30d&sort=frequency",
        **{name: f"/issues?{urlencode({'window': '24h', 'q': query})}" for name, query in SEARCHES.items()},
        "issue page": f"/issues/{loudest.pk}",
        "event page": middle.get_absolute_url(),
        "dashboard": "/error-dashboard.html",
        "dashboard, 24 h": "/error-dashboard.html?window=24h",
        "dashboard, 30 days": "/error-dashboard.html?window=30d",
    }
