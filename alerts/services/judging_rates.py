"""The error-rate rule, on a clock: one verdict for each project and environment that sends, once a minute."""

from datetime import datetime, timedelta

from django.db import transaction

from alerts.choices import AlertCategory, AlertSeverity, RuleKind
from alerts.measuring import Place, likely_cause, measure, places_to_judge
from alerts.models import Alert, AlertRule
from alerts.rates import Basis, Level, RateVerdict, ending_words, has_ended, judge_rate
from alerts.rules import Verdict, severity_of
from alerts.services.ending import end_alert
from alerts.services.opening import lock_open_alert, open_or_update
from alerts.services.rulebook import Rulebook, lifetime_of, threshold_of, window_of
from alerts.trigger import Trigger


def judge_error_rates(now: datetime) -> int:
    """Judge the whole minutes before `now`, everywhere that sends or has such an alert open. Returns how many places.

    Again within the same minute: nothing counts twice.
    """
    end = now.replace(second=0, microsecond=0)
    book = Rulebook([RuleKind.ERROR_RATE])
    places = places_to_judge(end)
    for place in places:
        for rule in book.active_for(place.project_id):
            _judge_place(rule, place, book, end=end, now=now)
    book.write(now=now)
    return len(places)


def _judge_place(rule: AlertRule, place: Place, book: Rulebook, *, end: datetime, now: datetime) -> None:
    window = window_of(rule)
    measured = measure(place, window=window, end=end)
    verdict = judge_rate(measured, threshold=threshold_of(rule), minimum_count=rule.minimum_count)
    is_above = verdict.level is Level.ABOVE
    book.said(rule, Verdict(is_above, f"{place.label}: {verdict.reason}"))
    with transaction.atomic():
        alert = lock_open_alert(place.project_id, place.dedup_key)
        if is_above:
            open_or_update(_trigger(rule, place, verdict, alert, end=end), now=now)
        elif alert is not None:
            _end_if_over(alert, verdict, end=end, window=window, now=now)


def _trigger(rule: AlertRule, place: Place, verdict: RateVerdict, alert: Alert | None, *, end: datetime) -> Trigger:
    value = verdict.value or 0.0
    known = alert.metadata if alert is not None and alert.metadata.get("basis") == verdict.basis.value else {}
    return Trigger(
        project_id=place.project_id,
        dedup_key=place.dedup_key,
        severity=severity_of(rule.severity, AlertSeverity.WARNING),
        category=AlertCategory.ERROR,
        source=rule.name,
        title=verdict.title,
        at=end,
        reasons=(verdict.reason,),
        message=verdict.reason,
        environment=place.environment,
        tags={"environment": place.environment} if place.environment else {},
        metadata={
            "basis": verdict.basis.value,
            "peak": max(value, known.get("peak", 0.0)),
            "likely_cause": likely_cause(place, window=window_of(rule), end=end),
        },
        occasion=end.isoformat(),
        rule_id=rule.pk,
        expires_after=lifetime_of(rule),
    )


def _end_if_over(alert: Alert, verdict: RateVerdict, *, end: datetime, window: timedelta, now: datetime) -> None:
    if "basis" not in alert.metadata:  # somebody else's alert under our key
        return
    basis = Basis(alert.metadata["basis"])
    if has_ended(verdict, opened_on=basis, last_above_at=alert.last_at, window_end=end, window=window):
        ending = ending_words(basis, peak=alert.metadata["peak"], lasted=end - alert.starts_at)
        end_alert(alert, ending=ending, why=f"{ending}. {verdict.reason}", by="TradeWatch", now=now)
