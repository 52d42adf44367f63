"""The dashboard's panel of transactions: what got worse than in the time before, then what is slowest."""

from collections.abc import Mapping
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
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.queries import TransactionKey

SHOWN = 5
KEPT_SECONDS = 5  # rendered twice a second for whoever watches: minutes of buckets need not be read as often
SETTLED_AFTER, SETTLED_KEPT_SECONDS = 300, 60  # what ended so long ago hardly changes: read again with each minute


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
    key = f"performance-panel:{_digest(*about)}"
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
    fresh_from = min(end, max(start, (int(watched.now.timestamp()) - SETTLED_AFTER) // 60 * 60))
    now = _merged(_settled(watched, start, fresh_from), _read(watched, fresh_from, end))
    before = _settled(watched, 2 * start - end, start)
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


def _merged(*parts: Mapping[TransactionKey, Figures]) -> dict[TransactionKey, Figures]:
    found: dict[TransactionKey, Figures] = {}
    for part in parts:
        for key, figures in part.items():
            found.setdefault(key, Figures()).merge(figures)
    return found


def _settled(watched: Watched, start: int, end: int) -> dict[TransactionKey, Figures]:
    """Return the figures of a time that is over, at most a minute old: a busy hour takes 0.1 s to read."""
    key = f"performance-panel-settled:{_digest(watched.project_ids, watched.environment, start, end)}"
    kept: dict[TransactionKey, Figures] | None = cache.get_or_set(
        key, lambda: _read(watched, start, end), SETTLED_KEPT_SECONDS
    )
    return kept or {}


def _read(watched: Watched, start: int, end: int) -> dict[TransactionKey, Figures]:
    return queries.by_transaction(watched.project_ids, start, end, environment=watched.environment or None)


def _digest(*about: object) -> str:
    return blake2b(repr(about).encode(), digest_size=16).hexdigest()
