"""Measured rules, on a clock: each is judged on the last whole minutes wherever its series are counted."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from django.db import transaction

from alerts.choices import AlertCategory, AlertSeverity, AlertState, RuleKind
from alerts.measures.judging import judge_measured
from alerts.measures.ledger import Ledger
from alerts.measures.readings import Spot
from alerts.measures.sources import About, describer_of, measured_kinds
from alerts.measures.verdicts import Level, MeasureVerdict, is_over
from alerts.models import Alert, AlertRule, OccurrenceRecord
from alerts.rules import Verdict, severity_of
from alerts.services.ending import end_alert
from alerts.services.opening import lock_open_alert, open_or_update
from alerts.services.rulebook import Rulebook, window_of
from alerts.trigger import Trigger
from alerts.words import duration_words
from tradewatch.projects.models import Project

KEY_PREFIX = "rule|"
SETTLING = timedelta(seconds=20)  # a minute's last events are digested by then: what was judged before is judged again
_OF_ISSUES = (RuleKind.ISSUE_FREQUENCY, RuleKind.USERS_AFFECTED)
_CATEGORIES: Mapping[str, AlertCategory] = {
    RuleKind.LATENCY: AlertCategory.PERFORMANCE,
    RuleKind.METRIC: AlertCategory.PERFORMANCE,
    RuleKind.ABSENCE: AlertCategory.SYSTEM,
    RuleKind.HOST_METRIC: AlertCategory.SYSTEM,
    RuleKind.CUSTOM_METRIC: AlertCategory.BUSINESS,
    RuleKind.OWN_HEALTH: AlertCategory.SYSTEM,
}
NO_EVENTS = MeasureVerdict(Level.FINE, "None in the window.", 0.0, "0")


def judge_measures(now: datetime, *, kinds: Collection[str] = ()) -> int:
    """Judge the measured rules on the last whole minute: once as it ends, once more when it is settled. Returns how
    many were judged. Again within the same minute: nothing counts twice. Empty `kinds`: all that are measured.
    """
    end = now.replace(second=0, microsecond=0)
    book = Rulebook(kinds or measured_kinds())
    rules = [rule for rule in book.enabled() if _is_due(rule, end, now)]
    if not rules:
        return 0
    everywhere = tuple(Project.objects.order_by("pk").values_list("pk", flat=True))
    ledger, open_spots = Ledger(), _open_spots()
    for rule in rules:
        project_ids = everywhere if rule.project_id is None else (rule.project_id,)
        verdicts = judge_measured(rule, project_ids, end=int(end.timestamp()), ledger=ledger)
        _act(rule, verdicts, open_spots.get(rule.pk, set()), book, end=end, now=now)
    with transaction.atomic():
        book.write(now=now)
    return len(rules)


def _is_due(rule: AlertRule, end: datetime, now: datetime) -> bool:
    last = rule.last_judged_at
    return last is None or last < end or last < end + SETTLING <= now


def _open_spots() -> dict[int, set[Spot]]:
    """Return where alerts of measured rules are open, by rule."""
    found: dict[int, set[Spot]] = {}
    rows = Alert.objects.filter(dedup_key__startswith=KEY_PREFIX).exclude(state=AlertState.RESOLVED)
    for rule_id, project_id, key in rows.exclude(rule=None).values_list("rule_id", "project_id", "dedup_key"):
        _, _, subject, environment = key.split("|", 3)
        found.setdefault(rule_id, set()).add(Spot(project_id, environment, subject))
    return found


def _act(
    rule: AlertRule,
    verdicts: Mapping[Spot, MeasureVerdict],
    open_spots: set[Spot],
    book: Rulebook,
    *,
    end: datetime,
    now: datetime,
) -> None:
    if not verdicts:
        book.said(rule, Verdict(False, "Nothing measured: the series was not counted within a day."))
    for spot, verdict in sorted(verdicts.items()):
        fires = verdict.level is Level.FIRES
        book.said(rule, Verdict(fires, f"{_place(spot)}: {verdict.reason}"))
        if fires:
            open_or_update(_trigger(rule, spot, verdict, end=end), now=now)
    for spot in sorted(open_spots):
        ended = verdicts.get(spot, NO_EVENTS if rule.kind in _OF_ISSUES else None)
        if ended is not None and ended.level is Level.FINE:
            _end_if_over(rule, spot, ended, end=end, now=now)


@transaction.atomic
def _end_if_over(rule: AlertRule, spot: Spot, verdict: MeasureVerdict, *, end: datetime, now: datetime) -> None:
    alert = lock_open_alert(spot.project_id, key_of(rule, spot))
    if alert is None:
        return
    if is_over(verdict, last_beyond_at=alert.last_at, window_end=end, window=window_of(rule)):
        ending = f"Ended: {alert.title}, {duration_words(end - alert.starts_at)}"
        end_alert(alert, ending=ending, why=f"{ending}. {verdict.reason}", by="TradeWatch", now=now)


def category_of(rule: AlertRule) -> AlertCategory:
    return _CATEGORIES.get(rule.kind, AlertCategory.ERROR)


def key_of(rule: AlertRule, spot: Spot) -> str:
    return f"{KEY_PREFIX}{rule.pk}|{spot.subject}|{spot.environment}"


def _trigger(rule: AlertRule, spot: Spot, verdict: MeasureVerdict, *, end: datetime) -> Trigger:
    about = about_of(rule, spot)
    return Trigger(
        project_id=spot.project_id,
        dedup_key=key_of(rule, spot),
        severity=severity_of(rule.severity, AlertSeverity.WARNING),
        category=category_of(rule),
        source=rule.name,
        title=f"{rule.name}: {verdict.words}" + (f" of {about.title}" if about and about.title else ""),
        at=end,
        reasons=(f"{verdict.reason} Rule: {rule.name}.",),
        message=f"{verdict.reason} {about.advice}".strip() if about else verdict.reason,
        link=about.link if about else "",
        environment=spot.environment,
        tags=dict(_tags(rule, spot, about)),
        metadata={"value": verdict.value},
        occasion=end.astimezone(UTC).isoformat(),
        rule_id=rule.pk,
    )


def _tags(rule: AlertRule, spot: Spot, about: About | None) -> Iterator[tuple[str, str]]:
    if about is not None:
        yield from about.tags.items()
    if rule.series:
        yield "series", rule.series
    if spot.environment:
        yield "environment", spot.environment


def about_of(rule: AlertRule, spot: Spot) -> About | None:
    """Return what a spot's subject is: whose rule it is may know, else the last news about it does."""
    if not spot.subject:
        return None
    describe = describer_of(rule.kind)
    if describe is not None:
        return describe(rule, spot)
    news = OccurrenceRecord.objects.filter(project=spot.project_id, fingerprint=spot.subject)
    last = news.order_by("-occurred_at").first()
    return About(last.title, last.link, last.tags) if last else None


def _place(spot: Spot) -> str:
    return " ".join(filter(None, [spot.environment or "all environments", spot.subject]))
