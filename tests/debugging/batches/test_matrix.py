"""A hundred variants side by side: under the limit, cancelled within a second, none sent twice."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from debugging.batches.claims import DIED, claim_due
from debugging.batches.ending import CUT_OFF, NEVER_SENT
from debugging.batches.holding import Runner
from debugging.batches.running import run_batch
from debugging.batches.services import ask_matrix, cancel
from debugging.choices import BatchState, ReplayState
from debugging.models import Replay, ReplayBatch, ReplayTarget, SessionEntry
from tests.at_once import until_done
from tests.debugging.batches.builders import make_target, order_session, running, states_of, wait_at_rest, wait_for
from tests.debugging.batches.servers import Asked, running_target
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
HUNDRED = {"body account_id": [f"acc-{number}" for number in range(100)]}


def ask(target: str = "staging", **asked: Any) -> ReplayBatch:
    return ask_matrix(SYSTEM, order_session(), target, **{"axes": HUNDRED, "now": timezone.now(), **asked})


@pytest.mark.parametrize(("at_once", "allowed", "limit"), [(20, 20, 20), (20, 7, 7), (5, 20, 5)])
def test_a_hundred_run_side_by_side_and_never_more_than_the_limit(at_once: int, allowed: int, limit: int) -> None:
    def answer(asked: Asked) -> int:
        return 500 if asked.body["account_id"] == "acc-4" else 201

    with running_target(answer, seconds=0.05) as target:
        order = order_session()
        make_target(target.url, most_at_once=allowed)
        batch = ask_matrix(SYSTEM, order, "staging", axes=HUNDRED, at_once=at_once, now=timezone.now())
        with running():
            pass
    assert 1 < target.most_at_once <= limit
    assert sorted(each.body["account_id"] for each in target.asked) == sorted(HUNDRED["body account_id"])
    batch.refresh_from_db()
    assert (batch.state, batch.claimed_until, states_of(batch)) == (BatchState.DONE, None, {"answered": 100})
    rows = {row.title: row for row in Replay.objects.filter(batch=batch)}
    failed = [title for title, row in rows.items() if row.response["status"] == 500]
    assert failed == ["account_id=acc-4"]
    assert rows["account_id=acc-7"].request["body"]["account_id"] == "acc-7"
    traces = {asked.headers["sentry-trace"].partition("-")[0] for asked in target.asked}
    assert traces == {row.trace_id for row in rows.values()}, "each began a trace of its own"
    assert SessionEntry.objects.latest("id").text == "Matrix of 100 at staging ended: 100 answered"


def test_a_cancelled_one_stops_within_a_second_and_sends_nothing_more() -> None:
    with running_target(seconds=20) as target:
        session = order_session()
        make_target(target.url, most_at_once=10, timeout_seconds=30)
        batch = ask_matrix(SYSTEM, session, "staging", axes=HUNDRED, now=timezone.now())
        with running() as runner:
            wait_for(lambda: target.under_way == 10)
            until_done(lambda: cancel(SYSTEM, batch, now=timezone.now()))
            cancelled_at = time.monotonic()
            wait_for(lambda: target.under_way == 0, seconds=5)
            took = time.monotonic() - cancelled_at
            wait_at_rest(runner)
        time.sleep(0.5)
    assert took < 1.0
    assert (len(target.asked), target.hung_up) == (10, 10) and target.last_at < cancelled_at
    batch.refresh_from_db()
    assert (batch.state, states_of(batch)) == (BatchState.CANCELLED, {"unknown": 10, "cancelled": 90})
    faults = {(row.state, row.fault, row.sent_at is None) for row in Replay.objects.filter(batch=batch)}
    assert faults == {("unknown", CUT_OFF, False), ("cancelled", NEVER_SENT, True)}
    assert SessionEntry.objects.latest("id").text == ("Matrix of 100 at staging was cancelled: 90 not sent, 10 unknown")


def test_one_whose_target_is_switched_off_meanwhile_stops() -> None:
    with running_target(seconds=20) as target:
        session = order_session()
        row = make_target(target.url, timeout_seconds=30)
        batch = ask_matrix(SYSTEM, session, "staging", axes=HUNDRED, now=timezone.now())
        with running():
            wait_for(lambda: target.under_way == 5)
            until_done(lambda: ReplayTarget.objects.filter(pk=row.pk).update(is_enabled=False))
    batch.refresh_from_db()
    assert (batch.state, batch.fault) == (BatchState.FAILED, "the target was switched off or removed meanwhile")
    assert len(target.asked) == 5 and states_of(batch) == {"unknown": 5, "cancelled": 95}


def test_one_whose_process_is_gone_goes_on_and_sends_nothing_again() -> None:
    now = timezone.now()
    with running_target() as target:
        session = order_session()
        make_target(target.url)
        batch = ask_matrix(SYSTEM, session, "staging", axes={"query limit": list(range(8))}, now=now)
        [claim] = claim_due(now, limit=4)
        first = list(Replay.objects.filter(batch=batch).order_by("position").values_list("pk", flat=True)[:3])
        Replay.objects.filter(pk=first[0]).update(state=ReplayState.ANSWERED)
        Replay.objects.filter(pk__in=first[1:]).update(state=ReplayState.RUNNING, sent_at=now)
        runner = Runner(run_batch)
        assert runner.start_due(now) == 0, "its process may live yet"
        assert runner.start_due(claim.until + timedelta(seconds=1)) == 1
        wait_at_rest(runner)
    assert sorted(each.path for each in target.asked) == [f"/orders?limit={number}&page=2" for number in range(3, 8)]
    batch.refresh_from_db()
    assert (batch.state, states_of(batch)) == (BatchState.DONE, {"answered": 6, "unknown": 2})
    assert set(Replay.objects.filter(pk__in=first[1:]).values_list("fault", flat=True)) == {DIED}


def test_batches_of_one_target_run_one_after_the_other_and_of_two_side_by_side() -> None:
    now = timezone.now()
    session = order_session()
    make_target()
    make_target(name="other")
    batches = [
        ask_matrix(SYSTEM, session, name, axes={"query limit": [1]}, now=now)
        for name in ("staging", "staging", "other")
    ]
    claimed = [claim.batch_id for claim in claim_due(now, limit=4)]
    assert claimed == [batches[0].pk, batches[2].pk]
    assert claim_due(now, limit=4) == []
    ReplayBatch.objects.filter(pk=batches[0].pk).update(state=BatchState.DONE, claimed_until=None)
    assert [claim.batch_id for claim in claim_due(now, limit=4)] == [batches[1].pk]


def test_a_variant_that_gets_no_answer_says_why_and_the_others_go_on() -> None:
    session = order_session()
    make_target("http://127.0.0.1:9", timeout_seconds=2)
    batch = ask_matrix(SYSTEM, session, "staging", axes={"query limit": [1, 2]}, now=timezone.now())
    with running():
        pass
    batch.refresh_from_db()
    assert (batch.state, states_of(batch)) == (BatchState.DONE, {"failed": 2})
    assert "refused" in Replay.objects.filter(batch=batch).first().fault  # type: ignore[union-attr]
