from datetime import timedelta

import pytest
from django.utils import timezone

from tests.dashboard.builders import count, make_issue
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.dashboard.issue_chart import events_chart, range_of
from tradewatch.dashboard.ranges import CustomRange, Range
from tradewatch.dashboard.scope import read_scope
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("first_minutes", "last_minutes", "expected"),
    [
        (5, 0, Range.QUARTER),
        (50, 0, Range.HOUR),
        (600, 599, Range.DAY),
        (60 * 24 * 9, 60 * 24 * 2, Range.MONTH),
        (60 * 24 * 90, 10, Range.DAY),
        (60 * 24 * 90, 60 * 24 * 60, Range.MONTH),
    ],
)
def test_without_a_word_of_the_address_the_range_is_the_one_that_tells_most(
    first_minutes: int, last_minutes: int, expected: Range
) -> None:
    now = timezone.now()
    seen = {
        "first_seen_at": now - timedelta(minutes=first_minutes),
        "last_seen_at": now - timedelta(minutes=last_minutes),
    }
    issue = make_issue(**seen)
    assert range_of(read_scope(SYSTEM, {}), {}, issue, now=now) == expected


def test_the_address_has_the_last_word() -> None:
    now, issue = timezone.now(), make_issue()
    for asked, kind in (
        ({"window": "30d"}, Range),
        ({"start": "2026-01-01T10:00", "end": "2026-01-01T12:00"}, CustomRange),
    ):
        scope = read_scope(SYSTEM, asked)
        assert range_of(scope, asked, issue, now=now) == scope.range
        assert isinstance(scope.range, kind)


@pytest.mark.parametrize(("chosen", "name"), [(Range.HOUR, "events a minute"), (Range.MONTH, "events in 6 h")])
def test_the_chart_counts_events_and_marks_releases(chosen: Range, name: str) -> None:
    now, issue = timezone.now(), make_issue()
    moment = now - timedelta(minutes=20)
    count(f"issue:{issue.pk}", moment, 7)
    Release.objects.create(project=make_project(), version="api@2.0.1", first_seen_at=moment, last_seen_at=now)
    chart = events_chart(issue, chosen, "", now=now)
    assert chart.name == name
    assert sum(value or 0 for value in chart.values) == 7
    assert [marker.label for marker in chart.markers] == ["2.0.1"]
    assert "7 in the last" in chart.finding
    assert sum(value or 0 for value in events_chart(issue, chosen, "uat", now=now).values) == 0
