"""Events in, patterns found, and the next storm pages once instead of twice; the timeline says why."""

import random
from datetime import datetime, timedelta

import pytest
from django.core import mail

from alerts.choices import AlertState
from alerts.delivery import deliver_due
from alerts.engine.turning import turn
from alerts.models import Alert, AlertGroup, Companion
from alerts.services import judge_occurrences
from debugging.models import Pattern
from debugging.patterns.project import analyse_project
from debugging.patterns.running import claim
from debugging.patterns.services import dismiss_pattern, restore_pattern
from tests.alerts.builders import story
from tests.alerts.engine.builders import root
from tests.debugging.patterns.builders import MINUTE, NOW, SYSTEM, make_errors
from tests.projects.builders import make_project
from tradewatch.errors.models import Issue
from tradewatch.errors.services import resolve_issue

pytestmark = pytest.mark.django_db
LATER = NOW + 5 * MINUTE


@pytest.fixture
def _history(settings) -> None:
    """Nine incidents in three weeks, each with both errors; people resolved them since."""
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    root(group_by=["project", "exception_type"])
    lots = random.Random(3)
    beginnings = sorted(NOW - MINUTE - timedelta(days=20) * lots.random() for _ in range(9))
    make_errors("PoolError", [at + step * MINUTE for at in beginnings for step in range(3)])
    make_errors("OrderError", [at + step * MINUTE for at in beginnings for step in range(1, 4)])
    judge_occurrences(NOW)
    for issue in Issue.objects.all():
        resolve_issue(SYSTEM, issue)
    Issue.objects.update(resolved_at=NOW)  # the service goes by the clock on the wall
    go_on(NOW)
    go_on(NOW + MINUTE)
    assert not Alert.objects.exclude(state=AlertState.RESOLVED).exists()
    AlertGroup.objects.all().delete()
    mail.outbox.clear()


def go_on(now: datetime) -> None:
    judge_occurrences(now)
    turn(now)
    deliver_due(now)


def analyse() -> Pattern:
    run = claim(make_project(), now=NOW)
    assert run is not None and analyse_project(run, now=NOW).fault == ""
    return Pattern.objects.get(kind="together")


def storm() -> None:
    make_errors("PoolError", [LATER])
    make_errors("OrderError", [LATER + timedelta(seconds=20)])
    for seconds in (20, 60, 90):
        go_on(LATER + timedelta(seconds=seconds))


@pytest.mark.usefixtures("_history")
def test_before_anybody_looked_the_storm_pages_twice() -> None:
    storm()
    assert AlertGroup.objects.count() == 2 and len(mail.outbox) == 2


@pytest.mark.usefixtures("_history")
def test_after_the_analysis_the_storm_is_one_group_and_one_page() -> None:
    pattern = analyse()
    assert pattern.evidence["times"] == pattern.evidence["times_of"] == 9 and pattern.evidence["minutes"] == 27
    storm()
    group = AlertGroup.objects.get()
    assert group.members.count() == 2 and len(mail.outbox) == 1
    assert "PoolError" in mail.outbox[0].body and "OrderError" in mail.outbox[0].body
    joined = group.members.exclude(came_with="").get().alert
    other = Issue.objects.exclude(pk=int(joined.dedup_key.removeprefix("issue:"))).get()
    why = f"because it comes together with DEFAULT-{other.number} (in 27 of 27 minutes"
    assert any(why in line and "9 of 9 times, p < 0.0001" in line for line in story(joined))


@pytest.mark.usefixtures("_history")
def test_a_dismissed_pattern_groups_nothing_until_it_is_taken_back() -> None:
    pattern = analyse()
    assert Companion.objects.count() == 2
    dismiss_pattern(SYSTEM, pattern, now=NOW)
    assert not Companion.objects.exists()
    storm()
    assert AlertGroup.objects.count() == 2 and len(mail.outbox) == 2
    restore_pattern(SYSTEM, pattern, now=NOW)
    assert Companion.objects.count() == 2
