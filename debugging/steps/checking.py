"""Did a dependency's check fail at that time?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from debugging.choices import Finding, StepKey
from debugging.contexts.subjects import Subject
from debugging.steps.answers import Answer, unknown
from tradewatch.performance.checks.choices import KNOWN, CheckState, Level
from tradewatch.performance.checks.queries import checks_of
from tradewatch.performance.models import CheckResult, CheckSpan

KEY = StepKey.CHECKS
BEFORE, AFTER = timedelta(minutes=10), timedelta(minutes=5)  # an outage is seen some runs after it began
MOST_CHECKS, NAMED = 200, 3


@dataclass(frozen=True, slots=True)
class Failure:
    """`is_confirmed` False: single runs failed, the next one was good."""

    check_id: int
    name: str
    at: datetime
    detail: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """`known` of `checks` checks have an answer within [start, end]."""

    checks: int
    known: int
    failures: Sequence[Failure]
    start: datetime
    end: datetime


def ask(subject: Subject) -> Answer:
    rows = checks_of([subject.project.pk], subject.environment).order_by("pk").values_list("pk", "name")
    names = dict(rows[:MOST_CHECKS])
    if not names:
        return unknown(KEY, "No check watches anything that it depends on.")
    start, end = subject.at - BEFORE, subject.at + AFTER
    spans = list(
        CheckSpan.objects.filter(
            check_row__in=names, ended_at__gte=start, started_at__lt=end, state__in=KNOWN
        ).order_by("started_at", "id")
    )
    down = {
        span.check_row_id: Failure(
            span.check_row_id, names[span.check_row_id], span.started_at, span.detail, is_confirmed=True
        )
        for span in reversed(spans)
        if span.state == CheckState.DOWN
    }
    failed = CheckResult.objects.filter(check_row__in=names, at__gte=start, at__lt=end, level=Level.FAILED)
    single = {
        row.check_row_id: Failure(row.check_row_id, names[row.check_row_id], row.at, row.detail, is_confirmed=False)
        for row in failed.order_by("-at", "-id")[: MOST_CHECKS * 5]
    }
    failures = sorted((single | down).values(), key=lambda each: (not each.is_confirmed, each.at))
    known = {span.check_row_id for span in spans} | set(single)
    return judge(Seen(len(names), len(known), failures, start, end))


def judge(seen: Seen) -> Answer:
    when = f"from {seen.start:%H:%M} to {seen.end:%H:%M} UTC"
    evidence = {
        "checks": seen.checks,
        "known": seen.known,
        "start": seen.start.isoformat(),
        "end": seen.end.isoformat(),
        "failed": [
            {
                "check_id": each.check_id,
                "name": each.name,
                "at": each.at.isoformat(),
                "detail": each.detail,
                "is_confirmed": each.is_confirmed,
                "link": f"/checks/{each.check_id}",
            }
            for each in seen.failures[:20]
        ],
    }
    if seen.failures:
        return Answer(KEY, Finding.YES, _failed_words(seen.failures), evidence)
    if not seen.known:
        return unknown(KEY, f"Of {seen.checks} checks none has an answer {when}.", evidence)
    some = (
        f"{seen.known} of {seen.checks} checks"
        if seen.known < seen.checks
        else f"All {seen.checks} checks"
        if seen.checks > 1
        else "The one check"
    )
    return Answer(KEY, Finding.NO, f"{some} good {when}.", evidence)


def _failed_words(failures: Sequence[Failure]) -> str:
    said = "; ".join(
        f"{each.name} {'was down since' if each.is_confirmed else 'failed once at'} {each.at:%H:%M:%S} UTC"
        f"{': ' + each.detail[:100] if each.detail else ''}"
        for each in failures[:NAMED]
    )
    more = f"; {len(failures) - NAMED} more" if len(failures) > NAMED else ""
    return f"{said}{more}."
