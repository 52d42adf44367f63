"""What each rule of a project says to one simulated event, and the alert that comes of it.

The rules' own records are left alone: a rule that a simulation fired has not fired.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.choices import AlertSeverity, RuleKind
from alerts.measures.judging import span_of, verdict_on
from alerts.measures.ledger import Ledger
from alerts.measures.readings import Reading, Spot
from alerts.measures.sources import source_of
from alerts.measures.verdicts import Level
from alerts.models import AlertRule
from alerts.occurrence import SIMULATED_EVENT, Occurrence
from alerts.rules import Verdict, judge, rules_for
from alerts.services.firing import Fired, trigger_of
from alerts.services.rulebook import switched_off_by
from alerts.trigger import Trigger

LIFETIME = timedelta(hours=1)  # of a simulated alert that nobody ends
_OF_NEWS = (RuleKind.NEW_ISSUE, RuleKind.REGRESSION, RuleKind.CRITICAL_ERROR)
_OF_ISSUES = {RuleKind.ISSUE_FREQUENCY: "event", RuleKind.USERS_AFFECTED: "user"}
_OF_COUNTS = (RuleKind.ERROR_RATE, RuleKind.ERROR_RATE_RISE, RuleKind.METRIC)


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """`news`: what the rule was asked about, as a trigger reads it."""

    rule: AlertRule
    verdict: Verdict
    news: Occurrence


def answers_to(news: Sequence[Occurrence], *, now: datetime) -> list[RuleAnswer]:
    """Return what each rule that may concern an error says to the news of one simulated event, fired or not."""
    came = next(each for each in news if each.kind == SIMULATED_EVENT)
    rules = AlertRule.objects.filter(kind__in=[*_OF_NEWS, *_OF_ISSUES, *_OF_COUNTS]).order_by("id")
    return [_answer(rule, news, came, now=now) for rule in rules_for(list(rules), came.project_id)]


def simulated_trigger(news: Sequence[Occurrence], *, now: datetime) -> Trigger | None:
    """Return the alert that simulated news of one key are to open; None: no rule fires."""
    fired: list[Fired] = [
        (each.rule, each.news, each.verdict) for each in answers_to(news, now=now) if each.verdict.fires
    ]
    if not fired:
        return None
    trigger = trigger_of(fired)
    return replace(
        trigger,
        simulated=news[0].simulated,
        reasons=tuple(f"Simulated. {reason}" for reason in trigger.reasons),
        tags={**trigger.tags, "simulated": "yes"},
        count=1,
        expires_after=LIFETIME if trigger.expires_after is None else min(LIFETIME, trigger.expires_after),
    )


def subject_of(news: Occurrence) -> str:
    """Return what a simulated event belongs to, by the name that measured rules have for it ("issue:12")."""
    return news.fingerprint.removeprefix(f"{SIMULATED_EVENT}:").partition(":")[2]


def _answer(rule: AlertRule, news: Sequence[Occurrence], came: Occurrence, *, now: datetime) -> RuleAnswer:
    if switch := switched_off_by(rule):
        return RuleAnswer(rule, Verdict(False, f"Switched off by {switch}."), came)
    if not rule.is_enabled:
        return RuleAnswer(rule, Verdict(False, "The rule is switched off."), came)
    if rule.kind in _OF_ISSUES:
        return _measured(rule, came, now=now)
    if rule.kind in _OF_COUNTS:
        last = f" It said last: {rule.last_reason}" if rule.last_reason else ""
        return RuleAnswer(rule, Verdict(False, f"It judges counts, and a simulated event is in none.{last}"), came)
    verdicts = [(each, said) for each in news if (said := judge(RuleKind(rule.kind), each)) is not None]
    asked, verdict = next(_fired_first(verdicts), (came, Verdict(False, came.message)))
    return RuleAnswer(rule, verdict, asked)


def _fired_first(verdicts: Sequence[tuple[Occurrence, Verdict]]) -> Iterator[tuple[Occurrence, Verdict]]:
    yield from (each for each in verdicts if each[1].fires)
    yield from verdicts


def _measured(rule: AlertRule, came: Occurrence, *, now: datetime) -> RuleAnswer:
    """Judge the issue's counts of the last whole minutes, with this one more."""
    if rule.environment not in ("", came.environment):
        words = f"It is about {rule.environment}, the event is of {came.environment or 'no environment'}."
        return RuleAnswer(rule, Verdict(False, words), came)
    end = int(now.replace(second=0, microsecond=0).timestamp())
    span = span_of(rule, end, end)
    found = source_of(rule.kind)(rule, (came.project_id,), span, Ledger())
    spot = Spot(came.project_id, rule.environment, subject_of(came))
    known = list(found.get(spot, [Reading(0.0, 0, "0")] * len(span.ends)))
    said = verdict_on(rule, [*known[:-1], _one_more(known[-1], _OF_ISSUES[RuleKind(rule.kind)])])
    reason = f"With this one: {said.reason}"
    asked = replace(came, severity=AlertSeverity.WARNING, message=reason)
    return RuleAnswer(rule, Verdict(said.level is Level.FIRES, reason), asked)


def _one_more(reading: Reading, noun: str) -> Reading:
    count = int(reading.value or 0) + 1
    words = f"{count:,} {noun}{'' if count == 1 else 's'}"
    return Reading(float(count), count, words, reading.counts)
