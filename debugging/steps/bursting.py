"""Were other issues bursting at the same time? Their events around the error against the hour before that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from alerts.words import number_words
from debugging.choices import Finding, StepKey
from debugging.contexts.subjects import Subject
from debugging.steps.answers import Answer, unknown
from debugging.steps.statistics import poisson_tail
from tradewatch.errors.families import family_ids
from tradewatch.errors.models import Issue
from tradewatch.errors.rollups import OF_ISSUE
from tradewatch.metrics import queries as metrics

KEY = StepKey.BURSTS
AROUND = timedelta(minutes=10)
USUAL_OVER = timedelta(hours=1)
LOOKED_AT, NAMED = 50, 3
LEAST_EVENTS = 5
LEAST_TIMES = 3.0  # as many as usual
MOST_P = 0.001  # Poisson, after the correction for how many issues were looked at
LEAST_EXPECTED = 1 / 3  # an issue that never came before is not expected to come never


@dataclass(frozen=True, slots=True)
class Counted:
    """`events` around the error; `expected` in a stretch of that length, by the hour before."""

    issue_id: int
    title: str
    events: int
    expected: float


def ask(subject: Subject, *, now: datetime) -> Answer:
    if now - subject.at > settings.METRIC_MINUTE_RETENTION - USUAL_OVER:
        return unknown(KEY, "The minutes of that time are kept no more.")
    start, end = _minute(subject.at - AROUND), _minute(subject.at + AROUND) + 60
    place = ([subject.project.pk], subject.environment)
    top = metrics.top_series(place[0], OF_ISSUE, start, end, environment=place[1], limit=LOOKED_AT)
    own = set(family_ids(subject.issue)) if subject.issue else set()
    counts = {int(series.removeprefix(OF_ISSUE)): totals.count for series, totals in top}
    issues = Issue.objects.filter(merged_into=None, pk__in=counts.keys() - own).in_bulk()
    usual = metrics.totals(
        place[0], [f"{OF_ISSUE}{pk}" for pk in issues], start - int(USUAL_OVER.total_seconds()), start, place[1]
    )
    ratio = (end - start) / USUAL_OVER.total_seconds()
    rows = [
        Counted(pk, issue.title, counts[pk], usual.get(f"{OF_ISSUE}{pk}", metrics.Totals()).count * ratio)
        for pk, issue in issues.items()
    ]
    return judge(rows, start=datetime.fromtimestamp(start, subject.at.tzinfo))


def judge(rows: Sequence[Counted], *, start: datetime) -> Answer:
    found = sorted((each for each in rows if is_burst(each, among=len(rows))), key=lambda each: -each.events)
    evidence = {
        "start": start.isoformat(),
        "looked_at": len(rows),
        "bursts": [
            {
                "issue_id": each.issue_id,
                "title": each.title,
                "events": each.events,
                "expected": round(each.expected, 2),
                "link": f"/issues/{each.issue_id}",
            }
            for each in found[:10]
        ],
    }
    if not found:
        words = f"No: of {len(rows)} other issues met within {AROUND.seconds // 60} min none came more than usual."
        return Answer(KEY, Finding.NO, words if rows else "No other issue was met within 10 min.", evidence)
    said = "; ".join(
        f"{each.title[:80]}: {each.events:,} where {_usual_words(each.expected)}" for each in found[:NAMED]
    )
    more = f"; {len(found) - NAMED} more" if len(found) > NAMED else ""
    return Answer(KEY, Finding.YES, f"{said}{more}.", evidence)


def _usual_words(expected: float) -> str:
    return f"about {number_words(expected)} come" if expected else "none came in the hour before"


def is_burst(counted: Counted, *, among: int) -> bool:
    expected = max(counted.expected, LEAST_EXPECTED)
    if counted.events < LEAST_EVENTS or counted.events < LEAST_TIMES * expected:
        return False
    return poisson_tail(counted.events, expected) * among <= MOST_P


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60 * 60
