from datetime import timedelta

import pytest

from alerts.choices import AlertSeverity
from alerts.models import AlertRule
from alerts.observe import record_occurrences
from alerts.replay.news import fold, replay_news
from alerts.services import judge_occurrences
from alerts.services.judging import observe_end
from tests.alerts.builders import NOW, make_news
from tests.projects.builders import make_project

HOUR = timedelta(hours=1)


def news(kind: str, hour: int, issue: int = 7, **fields):
    return make_news(kind, project_id=1, fingerprint=f"issue:{issue}", occurred_at=NOW + hour * HOUR, **fields)


def folded(kind: str, records, ends=None) -> list[tuple[str, int, int | None, int]]:
    rule = AlertRule(kind=kind, name="Watch", severity="")
    found = fold(
        rule, records, {(1, key): [NOW + hour * HOUR for hour in hours] for key, hours in (ends or {}).items()}
    )
    return [
        (each.key, (each.starts_at - NOW) // HOUR, each.ended_at and (each.ended_at - NOW) // HOUR, each.count)
        for each in sorted(found, key=lambda firing: firing.starts_at)
    ]


def test_all_news_of_a_key_is_one_firing_until_it_ends() -> None:
    critical = [news("issue.critical", hour, severity=AlertSeverity.CRITICAL) for hour in (0, 1, 5)]
    assert folded("critical_error", critical) == [("issue:7", 0, None, 3)]
    assert folded("critical_error", critical, {"issue:7": [3, 6]}) == [("issue:7", 0, 3, 2), ("issue:7", 5, 6, 1)]


def test_other_news_and_news_that_does_not_fire_are_left_out() -> None:
    records = [news("issue.new", 0), news("issue.regressed", 1), news("issue.critical", 2)]
    assert folded("regression", records) == [("issue:7", 1, None, 1)]
    assert folded("critical_error", records) == []


def test_keys_do_not_mix() -> None:
    records = [news("issue.new", 0, issue=7), news("issue.new", 1, issue=8)]
    assert folded("new_issue", records, {"issue:8": [2]}) == [("issue:7", 0, None, 1), ("issue:8", 1, 2, 1)]


@pytest.mark.django_db
def test_a_replay_over_what_happened_finds_what_was_opened() -> None:
    project = make_project("trading-api")
    record_occurrences([make_news(project_id=project.pk, fingerprint="issue:7")])
    record_occurrences([make_news(project_id=project.pk, fingerprint="issue:8", title="Timeout")])
    record_occurrences([make_news(project_id=make_project("other").pk, fingerprint="issue:9")])
    judge_occurrences(NOW)
    observe_end(project.pk, "issue:7", why="mended", by="mara", now=NOW + HOUR)
    rule = AlertRule(kind="new_issue", name="Draft", severity="error")
    found = list(replay_news(rule, (project.pk,), since=NOW - HOUR, until=NOW + 2 * HOUR))
    assert [(each.key, each.title, each.ended_at) for each in found] == [
        ("issue:7", "KeyError: 'GHOST'", NOW + HOUR),
        ("issue:8", "Timeout", None),
    ]
    assert not list(replay_news(rule, (project.pk,), since=NOW + HOUR, until=NOW + 2 * HOUR))
