"""Whose turn it is, and what happens to an analysis whose process died."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from debugging.models import Pattern, PatternRun
from debugging.patterns import running
from debugging.patterns.running import claim, due_projects, end_dead, run_due
from tests.debugging.patterns.builders import HOUR, MINUTE, NOW, every, make_errors
from tests.projects.builders import make_project

pytestmark = pytest.mark.django_db


def end(run: PatternRun | None) -> None:
    assert run is not None
    run.ended_at = run.started_at + MINUTE
    run.save()


def test_a_project_is_due_at_first_after_an_hour_with_events_and_sooner_after_news() -> None:
    project = make_project()
    assert due_projects(NOW) == []  # no event yet
    make_errors("CronError", every(HOUR, 20))
    assert due_projects(NOW) == [project]
    end(claim(project, now=NOW))
    assert due_projects(NOW + 30 * MINUTE) == []
    assert due_projects(NOW + 2 * HOUR) == [project]
    end(claim(project, now=NOW + 2 * HOUR))
    assert due_projects(NOW + 4 * HOUR) == []  # nothing came since
    make_errors("NewError", [NOW + 2 * HOUR + MINUTE])
    assert due_projects(NOW + 2 * HOUR + 5 * MINUTE) == []
    assert due_projects(NOW + 2 * HOUR + 11 * MINUTE) == [project]


def test_off_means_only_when_somebody_asks(settings: Any) -> None:
    make_errors("CronError", every(HOUR, 20))
    settings.PATTERNS_EVERY = timedelta()
    assert due_projects(NOW) == []


def test_two_beats_claim_a_project_once_and_a_dead_claim_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    project, started = make_project(), []
    make_errors("CronError", every(HOUR, 20))
    monkeypatch.setattr(running, "_run_apart", started.extend)
    first = run_due(NOW)
    assert len(first) == 1 and claim(project, now=NOW) is None
    assert run_due(NOW + MINUTE) == [] and started == first
    assert end_dead(NOW + 14 * MINUTE) == 0
    again = run_due(NOW + 2 * HOUR)  # its process was killed: said, and done again
    assert len(again) == 1 and "died" in PatternRun.objects.get(pk=first[0]).fault


def test_the_command_does_what_was_claimed_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project()
    issue = make_errors("CronError", every(HOUR, 20))
    run = claim(project, now=NOW)
    assert run is not None
    call_command("find_patterns", str(run.pk))
    run.refresh_from_db()
    assert run.ended_at is not None and run.fault == ""
    assert "default: " in capsys.readouterr().out
    assert Pattern.objects.filter(issue=issue).count() == run.found


def test_a_failing_analysis_is_written_down_and_the_next_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    make_errors("CronError", every(HOUR, 20))
    run = claim(make_project(), now=NOW)
    assert run is not None
    monkeypatch.setattr("debugging.patterns.project.patterns_of", lambda *_: 1 / 0)
    call_command("find_patterns", str(run.pk))
    run.refresh_from_db()
    assert run.fault.startswith("ZeroDivisionError") and run.ended_at is not None
