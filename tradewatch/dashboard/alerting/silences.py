"""Silences as pages list and offer them: what each holds now, what a new one would hold, what to begin with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from alerts.choices import AlertState
from alerts.matchers import Matcher, all_match, matchers_text
from alerts.models import Alert, Silence
from alerts.suppression import SilenceState
from tradewatch.dashboard.alerting.matching import read_matchers
from tradewatch.dashboard.scope import Scope

DURATIONS = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "12h": timedelta(hours=12),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
MOST_HELD, SHOWN = 5_000, 20


@dataclass(frozen=True, slots=True)
class Held:
    """`alerts` are the first few of the `count` that a silence holds or would hold."""

    alerts: Sequence[Alert]
    count: int


@dataclass(frozen=True, slots=True)
class SilenceLine:
    silence: Silence
    state: SilenceState
    matchers: Sequence[str]
    held: Held


@dataclass(frozen=True, slots=True)
class Offer:
    """Matchers that a silence of an alert can begin with, and what they mean."""

    name: str
    matchers: str


def visible_silences(scope: Scope) -> QuerySet[Silence]:
    """Return those of the scope's projects, and those of all projects."""
    rows = Silence.objects.filter(Q(project__in=scope.project_ids) | Q(project=None))
    return rows.select_related("project", "replaces")


def in_state(silences: QuerySet[Silence], state: str, *, now: datetime) -> QuerySet[Silence]:
    match state:
        case SilenceState.PENDING:
            return silences.filter(starts_at__gt=now, ends_at__gt=now)
        case SilenceState.EXPIRED:
            return silences.filter(ends_at__lte=now)
        case _:
            return silences.filter(starts_at__lte=now, ends_at__gt=now)


def lines_of(silences: Iterable[Silence], project_ids: Sequence[int]) -> list[SilenceLine]:
    """Return the silences with what they hold, of what may be seen: open alerts are read once for all of them."""
    listed = list(silences)
    are_open = any(one.state != SilenceState.EXPIRED for one in listed)
    alerts = list(_open_alerts(project_ids)[:MOST_HELD]) if are_open else []
    labels = [alert.labels for alert in alerts]
    return [_line(one, list(zip(alerts, labels, strict=True))) for one in listed]


def would_hold(matchers: Sequence[Matcher], project_id: int | None, project_ids: Sequence[int]) -> Held:
    """Return the open alerts, of what may be seen, that a silence with these matchers holds."""
    rows = _open_alerts([project_id] if project_id else project_ids)[:MOST_HELD]
    return _first([alert for alert in rows if all_match(matchers, alert.labels)])


def offers_for(alert: Alert) -> list[Offer]:
    """Return what "like this" may mean, the narrowest first: silencing too much hides what nobody expects."""
    place = [Matcher("environment", "=", alert.environment)] if alert.environment else []
    offers = [Offer("This alert alone", matchers_text([Matcher("alert", "=", alert.dedup_key)]))]
    if alert.rule:
        rule = Matcher("rule", "=", alert.rule.name)
        offers.append(Offer("All of its rule here", matchers_text([rule, *place])))
    source = Matcher("source", "=", alert.source)
    offers.append(Offer("All of its source here", matchers_text([source, *place])))
    category = Matcher("category", "=", alert.category)
    offers.append(Offer(f"All {alert.get_category_display().lower()} alerts here", matchers_text([category, *place])))
    return offers


def matchers_for(alerts: Sequence[Alert]) -> str:
    """Return matchers that hold just these alerts, by their keys."""
    if not alerts:
        return ""
    if len(alerts) == 1:
        return matchers_text([Matcher("alert", "=", alerts[0].dedup_key)])
    return matchers_text([Matcher("alert", "=~", "|".join(_quoted(alert.dedup_key) for alert in alerts))])


def _quoted(text: str) -> str:
    """Return a regular expression, in RE2's syntax, that is this text."""
    return "".join(char if char.isalnum() or char in "_ " or not char.isascii() else f"\\{char}" for char in text)


def _open_alerts(project_ids: Sequence[int]) -> QuerySet[Alert]:
    rows = Alert.objects.filter(project__in=project_ids, simulated="").exclude(state=AlertState.RESOLVED)
    return rows.select_related("project", "team", "rule").order_by("-starts_at", "-id")


def _line(silence: Silence, alerts: Sequence[tuple[Alert, dict[str, str]]]) -> SilenceLine:
    matchers, fault = read_matchers(silence.matchers)
    held = [
        alert
        for alert, labels in alerts
        if silence.project_id in (None, alert.project_id) and matchers and all_match(matchers, labels)
    ]
    state = silence.state
    shown = [str(each) for each in matchers] or [fault or silence.matchers]
    return SilenceLine(silence, state, shown, _first(held if state != SilenceState.EXPIRED else []))


def _first(alerts: Sequence[Alert]) -> Held:
    return Held(alerts[:SHOWN], len(alerts))
