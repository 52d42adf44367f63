"""The loop between two batches: when it lets a few more envelopes come together."""

import threading
import time
from typing import Any

import pytest

from tests.inbox.builders import make_envelope, queue_up
from tests.projects.builders import make_project
from tradewatch.inbox.digest import DigestStats
from tradewatch.processes import digesting
from tradewatch.processes.digesting import LONGEST_PAUSE_SECONDS, digest_all, pause_after

START = 1_000.0


@pytest.mark.parametrize(
    ("received", "took", "expected"),
    [
        ([999.99], 0.006, 0.006),  # a quiet installation: as long as the batch took
        ([999.8, 999.99], 0.3, LONGEST_PAUSE_SECONDS),  # steady traffic
        ([999.8], 0.3, 0.0),  # behind: the newest it found had waited, so there is more
        ([990.0], 0.006, 0.0),
        ([1_060.0], 0.3, LONGEST_PAUSE_SECONDS),  # received by a clock that is ahead
        ([], 0.0, 0.0),
    ],
)
def test_a_pause_is_as_long_as_the_batch_and_none_for_who_is_behind(
    received: list[float], took: float, expected: float
) -> None:
    stats = DigestStats(rows=len(received), received=tuple(received))
    assert pause_after(stats, took, started_at=START) == pytest.approx(expected)


@pytest.mark.django_db(transaction=True)
def test_what_comes_while_it_pauses_is_one_batch(inbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project()
    batches: list[int] = []
    digest_batch = digesting.digest_batch

    def digest(*args: Any, **options: Any) -> DigestStats:
        stats = digest_batch(*args, **options)
        batches.append(stats.rows)
        return stats

    class Stop(threading.Event):
        """Nobody stops it; during its first pause three more envelopes come."""

        def wait(self, timeout: float | None = None) -> bool:
            if len(batches) == 1:
                queue_up(*[make_envelope()] * 3, project_id=project.pk, received_at=time.time())
            return False

    monkeypatch.setattr(digesting, "digest_batch", digest)
    queue_up(make_envelope(), project_id=project.pk, received_at=time.time())
    assert digest_all(stop=Stop()) is False
    assert batches == [1, 3, 0]


@pytest.mark.django_db(transaction=True)
def test_who_is_stopped_in_a_pause_takes_no_further_batch(inbox: Any) -> None:
    project, stop = make_project(), threading.Event()
    stop.wait = lambda timeout=None: stop.set() or True  # type: ignore[method-assign]
    queue_up(make_envelope(), project_id=project.pk, received_at=time.time())
    assert digest_all(stop=stop) is True
