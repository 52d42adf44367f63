"""Rare ticks: they run soon after a start when they are overdue, and not again because of a restart."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from kombu.exceptions import OperationalError

from tradewatch.celery import app
from tradewatch.core.models import Pulse
from tradewatch.processes import tasks
from tradewatch.processes.beat import OFTEN, RARE, SCHEDULE
from tradewatch.processes.overdue import PREFIX, claim_overdue

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 5, 40, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOURLY = {"a": 3600.0, "b": 3600.0, "c": 600.0}


def ran(task: str, seconds_ago: float) -> None:
    Pulse.objects.update_or_create(name=PREFIX + task, defaults={"at": NOW - seconds_ago * SECOND})


def claims(times: int, *, every: float = 20, rare: dict[str, float] = HOURLY) -> list[str | None]:
    return [claim_overdue(rare, now=NOW + number * every * SECOND) for number in range(times)]


def test_a_new_install_runs_each_once_one_a_tick() -> None:
    assert claims(5) == ["a", "b", "c", None, None]


def test_a_restart_changes_nothing_of_when_they_run() -> None:
    ran("a", 3599)
    ran("b", 100)
    ran("c", 100)
    assert claims(2, every=1) == [None, "a"]
    assert claim_overdue(HOURLY, now=NOW + 2 * SECOND) is None, "noted for the next hour"


def test_after_a_night_what_waits_longest_goes_first() -> None:
    ran("a", 30_000)
    ran("b", 31_000)
    ran("c", 30_500)
    assert claims(4) == ["c", "b", "a", None], "c should have run after ten minutes"


def test_over_a_day_of_restarts_each_runs_as_often_as_it_should() -> None:
    """Whoever starts ticks at once, whatever was before: here each tick is a process of its own."""
    found = claims(24 * 60 * 3)
    assert [found.count(task) for task in "abc"] == [24, 24, 144]


def test_of_two_that_look_at_once_one_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for last in (None, 4000):
        if last is not None:
            ran("a", last)
        real = Pulse.objects.filter

        def meanwhile(*args: Any, real: Any = real, **kwargs: Any) -> Any:
            found = real(*args, **kwargs)
            if "name__in" in kwargs:
                found = list(found.values_list("name", "at"))
                monkeypatch.undo()
                assert claim_overdue({"a": 3600.0}, now=NOW) == "a"
                return mock.Mock(values_list=lambda *_: found)
            return found

        monkeypatch.setattr(Pulse.objects, "filter", meanwhile)
        assert claim_overdue({"a": 3600.0}, now=NOW + SECOND) is None


def test_a_clock_that_was_set_back_keeps_nothing_waiting() -> None:
    ran("a", -86_400)
    assert claim_overdue({"a": 3600.0}, now=NOW) == "a"
    assert claim_overdue({"a": 3600.0}, now=NOW) is None
    assert claim_overdue({"a": 3600.0}, now=NOW - 2 * SECOND) is None, "another machine's clock is behind"


def test_the_tick_queues_what_is_overdue_and_tries_again_when_the_broker_is_away() -> None:
    with mock.patch.object(app, "send_task", side_effect=OperationalError("away")) as send:
        with pytest.raises(OperationalError):
            tasks.run_overdue()
        assert not Pulse.objects.exists()
        send.side_effect = None
        for _ in RARE:
            tasks.run_overdue()
        send.reset_mock()
        tasks.run_overdue()
        send.assert_not_called()
    assert Pulse.objects.count() == len(RARE)


def test_every_tick_is_either_beats_or_ours() -> None:
    assert {*OFTEN, *RARE} == set(SCHEDULE) and not set(OFTEN) & set(RARE)
    assert "tradewatch.processes.tasks.run_overdue" in OFTEN
    assert "tradewatch.errors.tasks.delete_old_events" in RARE
    assert max(entry["schedule"] for entry in OFTEN.values()) <= 300
