"""The rules as one judge run sees them, and what each of them said, written back at its end."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings

from alerts.choices import RuleKind
from alerts.models import AlertRule
from alerts.rules import Verdict, rules_for
from alerts.words import one_line


class Rulebook:
    def __init__(self, kinds: Collection[str]) -> None:
        # Switched-off ones too: a project's own replaces the general one even then.
        self._rules = list(AlertRule.objects.filter(kind__in=kinds).order_by("id"))
        self._said: dict[int, Verdict] = {}

    def active_for(self, project_id: int) -> list[AlertRule]:
        """Return the rules that may fire for a project; what keeps another silent is written down as its reason."""
        active = []
        for rule in rules_for(self._rules, project_id):
            switch = switched_off_by(rule)
            if switch:
                self.said(rule, Verdict(False, f"Switched off by {switch}."))
            elif rule.is_enabled:
                active.append(rule)
        return active

    def enabled(self) -> list[AlertRule]:
        return [rule for rule in self._rules if rule.is_enabled]

    def said(self, rule: AlertRule, verdict: Verdict) -> None:
        """Remember a verdict: of one run's many, the last that fired, else the last."""
        earlier = self._said.get(rule.pk)
        if earlier is None or verdict.fires or not earlier.fires:
            self._said[rule.pk] = verdict

    def write(self, *, now: datetime) -> None:
        """Save what each rule said. Last in a transaction, and in the order of ids: all judges want these rows."""
        unchanged = []
        for rule in self._rules:
            verdict = self._said.get(rule.pk)
            if verdict is None:
                continue
            fields: dict[str, object] = {"last_reason": one_line(verdict.reason, limit=300)}
            if verdict.fires:
                fields["last_fired_at"] = now
            elif fields["last_reason"] == rule.last_reason:
                unchanged.append(rule.pk)
                continue
            # One by one: a thousand rows of one CASE cost Django ten times what these statements do.
            AlertRule.objects.filter(pk=rule.pk).update(last_judged_at=now, **fields)
        AlertRule.objects.filter(pk__in=unchanged).update(last_judged_at=now)


def switched_off_by(rule: AlertRule) -> str:
    """Return the name of the setting that keeps a default rule from firing; empty: none does."""
    if not rule.is_default:
        return ""
    if rule.kind == RuleKind.CRITICAL_ERROR and not settings.SENTRY_ALERT_ON_CRITICAL_ERRORS:
        return "SENTRY_ALERT_ON_CRITICAL_ERRORS"
    if rule.kind == RuleKind.ERROR_RATE and not settings.SENTRY_ALERT_ON_ERROR_RATE_INCREASE:
        return "SENTRY_ALERT_ON_ERROR_RATE_INCREASE"
    return ""


def window_of(rule: AlertRule) -> timedelta:
    """Return the rule's window in whole minutes, at least one."""
    return timedelta(minutes=max(1, rule.window_seconds // 60))


def threshold_of(rule: AlertRule) -> float:
    return settings.SENTRY_ERROR_RATE_THRESHOLD if rule.threshold is None else rule.threshold


def lifetime_of(rule: AlertRule) -> timedelta | None:
    """Return how long after its last trigger an alert of the rule ends by itself; None: it does not."""
    return None if rule.resolve_after_seconds is None else timedelta(seconds=rule.resolve_after_seconds)
