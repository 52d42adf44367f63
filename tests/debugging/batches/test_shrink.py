"""The search for the smallest body with real requests: judged by the status where no error comes back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from debugging.batches import tries
from debugging.batches.claims import claim_due
from debugging.batches.progress import Progress, as_result, note_progress, progress_of
from debugging.batches.services import ask_shrink, cancel
from debugging.batches.shrinking import Ending, Verdict
from debugging.choices import BatchState, ReplayState, Reproduced
from debugging.models import Replay, ReplayBatch, ReplayTarget, SessionEntry
from tests.at_once import until_done
from tests.debugging.batches.builders import make_target, order_session, running, states_of, wait_for
from tests.debugging.batches.servers import Asked, running_target
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "LONGEST_WAIT_SECONDS", 0.3)


def fails_for_institutions(asked: Asked) -> int:
    """As the example's bad release does: whatever else is wrong is told first."""
    body = asked.body if isinstance(asked.body, dict) else {}
    if not {"account_id", "symbol"} <= body.keys():
        return 422
    return 500 if body["account_id"] == "acc-4" else 201


def ask(**asked: Any) -> ReplayBatch:
    return ask_shrink(SYSTEM, order_session(), "staging", **{"now": timezone.now(), **asked})


def test_what_the_failure_needs_is_left() -> None:
    session = order_session()
    with running_target(fails_for_institutions, seconds=0.05) as target:
        make_target(target.url)
        batch = ask_shrink(SYSTEM, session, "staging", now=timezone.now())
        with running():
            pass
    batch.refresh_from_db()
    found = progress_of(batch.result)
    assert (batch.state, found.ending, batch.result["judged_by"], batch.result["status"]) == (
        BatchState.DONE, Ending.MINIMAL, "status", 500
    )  # fmt: skip
    smallest = Replay.objects.get(batch=batch, position=found.smallest)
    assert smallest.request["body"] == {"account_id": "acc-4", "symbol": None}
    assert smallest.request["url"].endswith("/orders")
    assert not {"X-Desk", "Accept"} & {name for name, _ in smallest.request["headers"]}
    assert found.tries == len(target.asked) == Replay.objects.filter(batch=batch).count() < 60
    assert 1 < target.most_at_once <= 4
    assert SessionEntry.objects.latest("id").text == (
        f"Shrink at staging ended after {found.tries} tries, 217 to 36 bytes: nothing of it can be left out"
    )


def test_the_bound_holds_and_is_told() -> None:
    session = order_session()
    with running_target(fails_for_institutions) as target:
        make_target(target.url)
        batch = ask_shrink(SYSTEM, session, "staging", most_tries=6, at_once=1, now=timezone.now())
        with running():
            pass
    batch.refresh_from_db()
    assert (batch.result["ending"], batch.result["tries"], len(target.asked)) == ("bound", 6, 6)
    assert "it may not be the smallest" in SessionEntry.objects.latest("id").text


@pytest.mark.parametrize(
    ("answers", "state", "words"),
    [(200, BatchState.DONE, "does not fail at this target"), (0, BatchState.FAILED, "no answer from this target")],
)
def test_one_that_does_not_fail_there_is_told_after_one_try(answers: int, state: BatchState, words: str) -> None:
    session = order_session()
    with running_target(lambda asked: answers, seconds=0 if answers else 20) as target:
        make_target(target.url, timeout_seconds=1)
        batch = ask_shrink(SYSTEM, session, "staging", now=timezone.now())
        with running():
            pass
    batch.refresh_from_db()
    assert (batch.state, len(target.asked)) == (state, 1)
    assert words in SessionEntry.objects.latest("id").text


def test_a_cancelled_one_keeps_the_smallest_that_it_had() -> None:
    session = order_session()
    with running_target(fails_for_institutions, seconds=0.1) as target:
        make_target(target.url)
        batch = ask_shrink(SYSTEM, session, "staging", at_once=2, now=timezone.now())
        with running():
            wait_for(lambda: len(target.asked) >= 10)
            until_done(lambda: cancel(SYSTEM, batch, now=timezone.now()))
    batch.refresh_from_db()
    assert (batch.state, batch.result["ending"]) == (BatchState.CANCELLED, None)
    assert batch.result["tries"] >= 5 and batch.result["smallest"] > 0
    assert Replay.objects.filter(batch=batch, state=ReplayState.RUNNING).count() == 0


def switch_off(batch: ReplayBatch) -> None:
    ReplayTarget.objects.update(is_enabled=False)


@pytest.mark.parametrize("stop", [lambda batch: cancel(SYSTEM, batch, now=timezone.now()), switch_off])
def test_what_is_judged_once_nothing_is_sent_any_more_is_not_kept(stop: Callable[[ReplayBatch], Any]) -> None:
    """Its tries are not sent any more: a search that is told so of all of them calls what it had the smallest."""
    session = order_session()
    make_target()
    batch = ask_shrink(SYSTEM, session, "staging", now=timezone.now())
    [claim] = claim_due(timezone.now(), limit=1)
    known = Progress(verdicts=(Verdict.FAILS,))
    note_progress(claim, known)
    stop(batch)
    note_progress(claim, replace(known, verdicts=(Verdict.FAILS, Verdict.UNKNOWN), ending=Ending.MINIMAL))
    batch.refresh_from_db()
    assert batch.result == as_result(known)


def test_one_whose_process_is_gone_goes_on_where_it_was() -> None:
    session = order_session()
    with running_target(fails_for_institutions) as target:
        make_target(target.url)
        whole = ask_shrink(SYSTEM, session, "staging", at_once=1, now=timezone.now())
        with running():
            pass
        whole.refresh_from_db()
        tries_of_whole, asked_first = whole.result["tries"], len(target.asked)
        # As it stood after ten tries, of which the last was under way.
        Replay.objects.filter(batch=whole, position__gte=10).delete()
        cut = Replay.objects.get(batch=whole, position=9)
        was_needed = cut.response["status"] == 500
        Replay.objects.filter(pk=cut.pk).update(state=ReplayState.RUNNING, response=None, reproduced=Reproduced.PENDING)
        ReplayBatch.objects.filter(pk=whole.pk).update(
            state=BatchState.RUNNING,
            ended_at=None,
            result={**whole.result, "ending": None, "verdicts": whole.result["verdicts"][:9]},
        )
        with running():
            pass
    whole.refresh_from_db()
    assert (whole.state, whole.result["ending"]) == (BatchState.DONE, "minimal")
    assert whole.result["unknown"] == 1 and states_of(whole)["unknown"] == 1
    again = target.asked[asked_first:]
    assert len(again) == Replay.objects.filter(batch=whole).count() - 10
    assert was_needed or whole.result["tries"] == tries_of_whole
    smallest = Replay.objects.get(batch=whole, position=whole.result["smallest"])
    assert {"account_id", "symbol"} <= smallest.request["body"].keys()
