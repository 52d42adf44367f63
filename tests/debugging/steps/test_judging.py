"""What each step makes of its figures, yes, no and unknown."""

from datetime import timedelta
from math import comb, isclose

import pytest

from debugging.choices import Finding
from debugging.steps import bursting, checking, deploying, newness, slowness
from debugging.steps.bursting import Counted
from debugging.steps.checking import Failure, Seen
from debugging.steps.deploying import Before
from debugging.steps.features import features_of
from debugging.steps.newness import Known
from debugging.steps.sharing import compare, is_enough
from debugging.steps.slowness import Timed
from debugging.steps.statistics import fisher_tail, lift, poisson_tail
from releases.models import Deployment
from tests.debugging.builders import MINUTE, NOW

YES, NO, UNKNOWN = Finding.YES, Finding.NO, Finding.UNKNOWN
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("changed", "finding", "words"),
    [
        ({}, YES, "First met in a@2, 22 s after that was first seen in production; not once in the 41 d before."),
        ({"release_seen_at": None, "watched_since": None}, YES, "First met in a@2."),
        ({"earlier_releases": 0}, UNKNOWN, "a@2 is the first release ever seen here: everything is new in it."),
        ({"first_release": "a@1"}, NO, "Met since 09:30 UTC, 23 Nov 2026, first in a@1; 5 of 9 events are of a@2."),
        (
            {"first_release": "", "is_regressed": True},
            NO,
            "Met since 09:30 UTC, 23 Nov 2026, first; 5 of 9 events are of a@2. It was resolved since, and came back.",
        ),
    ],
)
def test_new_in_this_release(changed: dict, finding: Finding, words: str) -> None:
    known = {
        "release": "a@2", "first_release": "a@2", "first_seen_at": NOW, "release_seen_at": NOW - timedelta(seconds=22),
        "watched_since": NOW - 41 * DAY, "earlier_releases": 3, "events_in_release": 5, "events": 9,
    }  # fmt: skip
    answer = newness.judge(Known(**{**known, **changed}), environment="production")
    assert (answer.finding, answer.summary) == (finding, words)


def deployment(version: str, began: timedelta, took: timedelta | None = MINUTE) -> Deployment:
    """Began so long before the first event."""
    started_at = NOW - began
    return Deployment(
        id=3, version=version, environment="production", deployed_by="Mara", started_at=started_at,
        finished_at=None if took is None else started_at + took,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "others", "finding", "words"),
    [
        (None, 0, NO, "None went out before the first event."),
        (
            deployment("2.0.1", 3 * MINUTE),
            0,
            YES,
            "2.0.1 to production by Mara went out 2 min before the first event. It was the only one in 7 days.",
        ),
        (
            deployment("worker@9", 3 * MINUTE),
            40,
            YES,
            "worker@9 to production by Mara went out 2 min before the first event. "
            "Others in the 7 days before: 40. The error itself is of api@2.0.1.",
        ),
        (
            deployment("", MINUTE, None),
            0,
            YES,
            "A version without a name to production by Mara was going out: the first event came 1 min after it began. "
            "It was the only one in 7 days.",
        ),
        (deployment("2.0.0", 2 * DAY), 0, NO, "No: the last one, 2.0.0 to production by Mara, was 1 d 23 h before."),
    ],
)
def test_a_deployment_shortly_before(row: Deployment | None, others: int, finding: Finding, words: str) -> None:
    answer = deploying.judge(Before(row, others), first_at=NOW, release="api@2.0.1")
    assert (answer.finding, answer.summary) == (finding, words)


@pytest.mark.parametrize(
    ("seconds", "usual", "findings", "finding"),
    [(2.4, 0.102, (), YES), (0.084, 0.102, (), NO), (0.084, 0.102, ("N+1",), YES), (2.4, None, (), UNKNOWN)],
)
def test_slow_against_what_is_usual(seconds: float, usual: float | None, findings: tuple, finding: Finding) -> None:
    timed = Timed("POST /orders", seconds, usual, 200 if usual else 3, "http.client POST venue", 2.1, findings)
    answer = slowness.judge(timed, link="/traces/a")
    assert answer.finding == finding
    assert ("http.client POST venue, 2.1 s" in answer.summary) == (finding != NO and not findings)


def seen(known: int, *failures: Failure) -> Seen:
    return Seen(9, known, failures, NOW - 10 * MINUTE, NOW + 5 * MINUTE)


@pytest.mark.parametrize(
    ("given", "finding", "words"),
    [
        (seen(9), NO, "All 9 checks good from 09:20 to 09:35 UTC."),
        (seen(7), NO, "7 of 9 checks good from 09:20 to 09:35 UTC."),
        (seen(0), UNKNOWN, "Of 9 checks none has an answer from 09:20 to 09:35 UTC."),
        (
            seen(9, Failure(1, "venue", NOW, "refused", True), Failure(2, "feed", NOW, "", False)),
            YES,
            "venue was down since 09:30:15 UTC: refused; feed failed once at 09:30:15 UTC.",
        ),
    ],
)
def test_a_check_failed(given: Seen, finding: Finding, words: str) -> None:
    answer = checking.judge(given)
    assert (answer.finding, answer.summary) == (finding, words)


@pytest.mark.parametrize(
    ("events", "expected", "among", "is_burst"),
    [
        (40, 2.0, 5, True),
        (5, 0.0, 5, True),
        (4, 0.0, 5, False),  # under the floor
        (40, 30.0, 5, False),  # as usual
        (100, 40.0, 5, False),  # surely more, but not three times as many
        (6, 1.9, 50, False),  # may be chance among so many issues
    ],
)
def test_a_burst_is_much_more_than_usual(events: int, expected: float, among: int, is_burst: bool) -> None:
    assert bursting.is_burst(Counted(1, "x", events, expected), among=among) is is_burst


def test_bursts_are_named_the_loudest_first() -> None:
    rows = [Counted(1, "A", 40, 2.0), Counted(2, "B", 90, 0.0), Counted(3, "C", 3, 3.0)]
    answer = bursting.judge(rows, start=NOW)
    assert answer.finding == YES
    assert answer.summary == "B: 90 where none came in the hour before; A: 40 where about 2 come."
    assert [each["issue_id"] for each in answer.evidence["bursts"]] == [2, 1]
    assert bursting.judge(rows[2:], start=NOW).finding == NO


# --- statistics ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("a", "n", "c", "m"), [(1, 9, 11, 3), (8, 8, 0, 30), (3, 10, 4, 12), (0, 5, 2, 9), (5, 5, 5, 5)]
)
def test_fishers_tail_is_the_sum_of_its_terms(a: int, n: int, c: int, m: int) -> None:
    carrying = a + c
    ways = sum(comb(n, k) * comb(m, carrying - k) for k in range(a, min(n, carrying) + 1) if carrying - k <= m)
    assert isclose(fisher_tail(a, n, c, m), ways / comb(n + m, carrying), rel_tol=1e-9)


def test_a_poisson_tail_is_what_tables_say() -> None:
    assert isclose(poisson_tail(5, 1.0), 0.00365985, rel_tol=1e-5)
    assert isclose(poisson_tail(1, 2.0), 1 - 0.1353352832, rel_tol=1e-6)
    assert poisson_tail(0, 3.0) == 1.0
    assert lift(4, 8, 1, 10) == 5.0


# --- what failing requests share --------------------------------------------------------------------------------------
FAILING = [{"user": "acc-4", "host": f"api-{n % 3}", "tag venue": "lmax", "tag caught": "yes"} for n in range(12)]
PASSING = [{"user": f"acc-{n % 3}", "host": f"api-{n % 3}", "tag venue": "lmax"} for n in range(60)]


def test_what_all_failing_ones_carry_and_no_passing_one_does_stands_out() -> None:
    found = compare(FAILING, PASSING)
    (shared,) = found.shared
    assert (shared.key, shared.value, shared.failing, shared.passing) == ("user", "acc-4", 12, 0)
    assert shared.p < 1e-9 and shared.as_json()["lift"] is None


def test_what_no_passing_one_can_say_is_not_compared() -> None:
    assert "tag caught" not in {each.key for each in compare(FAILING, PASSING).shared}


def test_nothing_stands_out_where_failing_ones_are_like_the_rest() -> None:
    assert compare(PASSING[:12], PASSING).shared == []


def test_few_prove_nothing_however_alike_they_are() -> None:
    assert not is_enough(4, 100) and not is_enough(100, 9) and is_enough(5, 10)
    many = [{f"tag {n}": "x" for n in range(50)} | {"user": "acc-4"}] * 5
    others = [{f"tag {n}": "y" for n in range(50)} | {"user": "acc-1"}] * 9 + [{"user": "acc-4"}]
    assert "user" not in {each.key for each in compare(many, others).shared}  # p holds for one question, not for 51


def test_features_are_host_user_tags_query_and_plain_values_of_the_body() -> None:
    document = {
        "server_name": "api-03",
        "user": {"id": "acc-4", "email": "x"},
        "tags": {"venue": "lmax", "level": "error", "release": "a@2"},
        "request": {
            "query_string": "side=buy&empty=",
            "data": {"symbol": "ACME", "quantity": 200, "legs": [1], "pin": "[removed: pin]", "text": "x" * 101},
        },
    }
    assert features_of(document) == {
        "host": "api-03", "user": "acc-4", "tag venue": "lmax", "query side": "buy", "body symbol": "ACME",
        "body quantity": "200",
    }  # fmt: skip
    assert features_of({"tags": [["venue", "lmax"], "odd"], "request": {"data": "text"}}) == {"tag venue": "lmax"}
    assert features_of({"user": None, "tags": None, "request": []}) == {}
