"""From stored events to patterns: what was planted is found with the counts of an independent hand."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from debugging.choices import PatternKind
from debugging.models import Pattern, PatternRun
from debugging.patterns.project import analyse_project
from debugging.patterns.running import claim
from debugging.patterns.services import analyse_issue
from tests.debugging.patterns.builders import HOUR, MINUTE, NOW, SYSTEM, every, make_errors
from tests.projects.builders import make_project
from tradewatch.errors.models import Event, Issue

pytestmark = pytest.mark.django_db


def find_all() -> PatternRun:
    run = claim(make_project(), now=NOW)
    assert run is not None
    return analyse_project(run, now=NOW + MINUTE)


def kinds_of(issue: Issue) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for row in Pattern.objects.filter(issue=issue):
        found.setdefault(row.kind, set()).add((row.key, row.value))
    return found


def test_what_events_share_is_found_with_the_numbers_of_an_independent_count() -> None:
    accounts = [{"id": f"acc-{number}"} for number in range(10)]
    other = make_errors("TimeoutError", every(7 * MINUTE, 60), user=accounts, server_name=["oms-1", "oms-2"])
    issue = make_errors(
        "KeyError",
        every(41 * MINUTE, 12),
        user={"id": "acc-4"},
        server_name=["oms-1", "oms-2"],
        release="oms@4.13.0",
        tags={"venue": "xtx"},
        request={"url": "http://t/orders", "data": {"symbol": "DROP", "account_id": "acc-4"}},
    )
    run = find_all()
    assert run.fault == "" and run.issues == 2 and run.events == Event.objects.count() == 72
    shares = {(row.key, row.value): row for row in Pattern.objects.filter(issue=issue, kind=PatternKind.SHARE)}
    assert {("user", "acc-4"), ("release", "oms@4.13.0"), ("tag venue", "xtx")} <= shares.keys()
    assert not [key for key in shares if key[0] == "host"]
    users = Counter(event.payload["user"]["id"] for event in Event.objects.filter(issue=other).select_related("stored"))
    row = shares["user", "acc-4"]
    assert (row.evidence["events"], row.evidence["events_of"]) == (12, 12)
    assert (row.evidence["traffic"], row.evidence["traffic_of"]) == (users["acc-4"], users.total()) == (6, 60)
    assert row.evidence["compared_with"] == "other errors"
    assert row.strength == 10.0 and row.p_value is not None and row.p_value < 1e-6
    assert row.summary.startswith("user acc-4: 100% of 12 events, 10% of 60 other errors (10x as often, p < 0.0001)")
    # What no other error carries at all is not compared: nobody knows how usual it is.
    assert not [key for key in shares if key[0].startswith("body")]
    assert ("user", "acc-4") not in {(each.key, each.value) for each in Pattern.objects.filter(issue=other)}


def test_a_burst_and_a_clock_are_found_and_plain_traffic_is_neither() -> None:
    lots = random.Random(5)
    usual = sorted(NOW - timedelta(days=6) * lots.random() for _ in range(150))
    plain = make_errors("PlainError", usual)
    burst = make_errors("BurstError", [*usual[::3], *every(MINUTE / 6, 40, until=NOW - 5 * HOUR)])
    clock = make_errors("CronError", every(HOUR, 40, until=NOW.replace(minute=0)))
    find_all()
    assert PatternKind.BURST not in kinds_of(plain) and PatternKind.PERIODIC not in kinds_of(plain)
    found = Pattern.objects.get(issue=burst, kind=PatternKind.BURST)
    assert found.evidence["events"] >= 40 and found.key == "2026-11-23T04" and found.strength >= 5
    assert kinds_of(clock)[PatternKind.PERIODIC] == {("3600", "")}
    assert "Every hour, at :00: in 40 of 40 cycles" in Pattern.objects.get(issue=clock, kind="periodic").summary


def test_issues_that_come_together_are_a_pair_and_those_that_do_not_are_none() -> None:
    lots = random.Random(3)
    beginnings = sorted(NOW - timedelta(days=20) * lots.random() for _ in range(9))
    rows = [at + step * MINUTE for at in beginnings for step in range(3)]
    make_errors("PoolError", rows)
    make_errors("OrderError", [at + MINUTE for at in rows[:24]])
    lone = make_errors("LoneError", sorted(NOW - timedelta(days=20) * lots.random() for _ in range(25)))
    find_all()
    pair = Pattern.objects.get(kind=PatternKind.TOGETHER)
    assert {pair.issue.exception_type, pair.other.exception_type if pair.other else ""} == {"PoolError", "OrderError"}
    assert pair.evidence["minutes"] == pair.evidence["minutes_of"] == 24
    assert pair.evidence["times"] == pair.evidence["times_of"]
    assert not Pattern.objects.filter(issue=lone, kind=PatternKind.TOGETHER)


def test_issues_of_one_trace_are_a_pair() -> None:
    traces = [f"{number:032x}" for number in range(1, 9)]
    contexts = [{"trace": {"trace_id": trace, "span_id": "a" * 16}} for trace in traces]
    make_errors("DatabaseError", every(50 * MINUTE, 8), contexts=contexts)
    make_errors("RetryError", every(50 * MINUTE, 8), contexts=contexts)
    make_errors("OtherError", every(31 * MINUTE, 60), contexts=[
        {"trace": {"trace_id": f"{number:032x}", "span_id": "a" * 16}} for number in range(100, 160)
    ])  # fmt: skip
    find_all()
    pair = Pattern.objects.get(kind=PatternKind.TOGETHER)
    assert (pair.evidence["traces"], pair.evidence["traces_of"], pair.evidence["every_trace"]) == (8, 8, 68)
    assert "in 8 of 8 traces" in pair.summary


def test_like_issues_are_a_suggestion_that_says_what_differs() -> None:
    said = "no price for the symbol of this venue in the book"
    loud = make_errors("ValueError", every(MINUTE, 9), says=said)
    quiet = make_errors("ValueError", every(MINUTE, 6), says=said + " yet", fingerprint=["another"])
    make_errors("KeyError", every(MINUTE, 9), says=said)
    find_all()
    row = Pattern.objects.get(kind=PatternKind.SIMILAR)
    assert (row.issue, row.other) == (quiet, loud)
    assert f"Looks like DEFAULT-{loud.number} ValueError" in row.summary and "same culprit" in row.summary
    assert "the message alone says yet" in row.summary


def test_found_again_is_the_same_row_and_not_found_again_goes() -> None:
    issue = make_errors("CronError", every(HOUR, 20, until=NOW.replace(minute=0)))
    find_all()
    first = Pattern.objects.get(kind=PatternKind.PERIODIC)
    again = analyse_issue(SYSTEM, issue, now=NOW + HOUR)
    second = next(row for row in again if row.kind == PatternKind.PERIODIC)
    assert (second.pk, second.first_found_at) == (first.pk, first.first_found_at) and second.found_at > first.found_at
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM metrics_counter")
    assert not [row for row in analyse_issue(SYSTEM, issue, now=NOW + 2 * HOUR) if row.kind == PatternKind.PERIODIC]
