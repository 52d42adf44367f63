"""The dashboard's panel of transactions: what got worse than in the time before, then what is slowest."""

from dataclasses import dataclass
from hashlib import blake2b

from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from tradewatch.core.panels import Watched
from tradewatch.dashboard import words
from tradewatch.dashboard.performance.changes import Badge, Compared, badge_of
from tradewatch.performance.traces import queries
from tradewatch.performance.traces.comparing import compare

SHOWN = 5
KEPT_SECONDS = 5  # rendered twice a second for whoever watches: minutes of buckets need not be read as often


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    requests: str
    failed: str
    p95: str
    badge: Badge | None


def performance_panel(watched: Watched) -> SafeString | None:
    """Return the panel; None where no transaction came."""
    about = watched.project_ids, watched.environment, watched.start, watched.end, sorted(watched.parameters.items())
    key = f"performance-panel:{blake2b(repr(about).encode(), digest_size=16).hexdigest()}"
    html: str = cache.get_or_set(key, lambda: _render(watched), KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def _render(watched: Watched) -> str:
    lines, worse = panel_lines(watched)
    if not lines:
        return ""
    context = {"lines": lines, "worse": worse, "parameters": watched.parameters, "page": reverse("performance")}
    return render_to_string("dashboard/performance/_panel.html", context)


def panel_lines(watched: Watched) -> tuple[list[Line], int]:
    """Return the lines, and how many transactions got worse for certain."""
    start, end = int(watched.start.timestamp()), int(watched.end.timestamp())
    environment = watched.environment or None
    now = queries.by_transaction(watched.project_ids, start, end, environment=environment)
    before = queries.by_transaction(watched.project_ids, 2 * start - end, start, environment=environment)
    compared = Compared("before", "now", compare(before, now))
    worse = [change.key for change in compared.worse]
    rest = sorted(now.keys() - set(worse), key=lambda key: (-(now[key].percentile(0.95) or 0.0), key))
    lines = [
        Line(
            name=key.name,
            requests=words.count(round(now[key].weighted)),
            failed=words.percent(now[key].failure_ratio),
            p95=words.seconds(now[key].percentile(0.95)),
            badge=badge_of(compared.by_key[key], judged=compared.judged) if key in worse else None,
        )
        for key in [*worse, *rest][:SHOWN]
    ]
    return lines, len(worse)
