"""Did a deployment go out shortly before the first event?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from alerts.words import duration_words
from debugging.choices import Finding, StepKey
from debugging.contexts.subjects import Subject
from debugging.contexts.surroundings import deployment_values
from debugging.steps.answers import Answer, unknown
from releases.deployments.queries import deployments_of
from releases.models import Deployment

KEY = StepKey.DEPLOYMENT
SHORTLY = timedelta(hours=1)  # what breaks at once shows within minutes; caches and schedules take up to this
USUAL_OVER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Before:
    """The last deployment that began before the first event, and how many others did within seven days before."""

    row: Deployment | None
    others: int


def ask(subject: Subject) -> Answer:
    first_at = subject.issue.first_seen_at if subject.issue else subject.at
    rows = deployments_of([subject.project.pk], subject.environment)
    if not rows.exists():
        return unknown(KEY, f"Nobody has told TradeWatch of a deployment to {subject.environment}.")
    before = rows.filter(started_at__lte=first_at).order_by("-started_at", "-id")
    row = before.filter(Q(finished_at=None) | Q(finished_at__gte=first_at - SHORTLY)).first() or before.first()
    others = before.filter(started_at__gte=first_at - USUAL_OVER).exclude(pk=row.pk).count() if row else 0
    return judge(Before(row, others), first_at=first_at, release=subject.release)


def judge(before: Before, *, first_at: datetime, release: str) -> Answer:
    row = before.row
    if row is None:
        return Answer(KEY, Finding.NO, "None went out before the first event.", {"first_seen_at": first_at.isoformat()})
    evidence = {
        "first_seen_at": first_at.isoformat(),
        "deployment": deployment_values(row),
        "link": row.get_absolute_url(),
        "others_in_7_days": before.others,
    }
    name = f"{row.version or 'A version without a name'} to {row.environment} by {row.deployed_by}"
    ended_at = row.finished_at
    if ended_at is None or ended_at > first_at:
        after = duration_words(first_at - row.started_at)
        words = f"{name} was going out: the first event came {after} after it began."
    elif first_at - ended_at <= SHORTLY:
        words = f"{name} went out {duration_words(first_at - ended_at)} before the first event."
    else:
        return Answer(
            KEY, Finding.NO, f"No: the last one, {name}, was {duration_words(first_at - ended_at)} before.", evidence
        )
    return Answer(KEY, Finding.YES, f"{words} {_usual_words(before.others)}{_other_words(row, release)}", evidence)


def _usual_words(others: int) -> str:
    return f"Others in the 7 days before: {others}." if others else "It was the only one in 7 days."


def _other_words(row: Deployment, release: str) -> str:
    """Say so where the error is not of what went out: then it is of a part that was not deployed."""
    if not row.version or not release or release == row.version or release.rpartition("@")[2] == row.version:
        return ""
    return f" The error itself is of {release}."
