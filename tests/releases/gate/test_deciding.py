from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.choices import Decision, Verdict, WindowRule
from releases.gate.deciding import decide
from releases.gate.values import AlertFact, Answer, Facts
from tests.releases.gate.builders import (
    HOUR,
    MINUTE,
    NOW,
    XNYS,
    budget,
    current,
    facts,
    freeze,
    override,
    running,
    times,
    utc,
    window,
)

ALERT = {"alerts": [AlertFact(4, "Error rate 2.1% on POST /orders")], "critical_alerts": 1}
UNHEALTHY = {"current": current(verdict=Verdict.UNHEALTHY)}
BACK = {"rollback_to": frozenset({"2.0.1"})}
GO, WARN, NO_GO = Decision.GO, Decision.WARN, Decision.NO_GO


def codes(answer: Answer) -> list[str]:
    return [each.code for each in answer.reasons]


@pytest.mark.parametrize(
    ("known", "decision", "code"),
    [
        ({}, GO, None),
        ({"freezes": [freeze()]}, NO_GO, "freeze"),
        ({"freezes": [freeze(NOW, NOW + HOUR)]}, NO_GO, "freeze"),
        ({"freezes": [freeze(NOW - HOUR, NOW)]}, GO, None),
        ({"freezes": [freeze(NOW + MINUTE, NOW + HOUR)]}, GO, None),
        ({"budgets": [budget(0.25)]}, GO, None),
        ({"budgets": [budget(0.249)]}, WARN, "budget_low"),
        ({"budgets": [budget(0.0, is_spent=True)]}, NO_GO, "budget_spent"),
        ({"budgets": [budget(-1.3, is_spent=True)]}, NO_GO, "budget_spent"),
        ({"budgets": [budget(None, is_spent=True)]}, NO_GO, "budget_spent"),  # nothing may fail, and something did
        ({"budgets": [budget(-1.3, is_spent=True, has_enough=False)]}, WARN, "budget_spent"),
        ({"budgets": [budget(-1.3, is_spent=True, is_of_service=False)]}, WARN, "budget_spent"),
        ({"budgets": [budget(burn="ticket", burn_rate=3.2)]}, WARN, "burn_ticket"),
        ({"budgets": [budget(burn="page", burn_rate=18.0)]}, NO_GO, "burn_page"),
        ({"budgets": [budget(burn="page", is_of_service=False)]}, WARN, "burn_page"),
        ({"budgets": [budget(None)]}, GO, "budget_no_data"),
        ({"budgets": [budget(coverage=0.2)]}, GO, "coverage"),
        (ALERT, NO_GO, "critical_alert"),
        ({"running": [running()]}, NO_GO, "deployment_in_progress"),
        ({"running": [running("2.0.1")]}, NO_GO, "deployment_in_progress"),
        (UNHEALTHY, NO_GO, "verdict_unhealthy"),
        ({"current": current(verdict=Verdict.UNHEALTHY, kept_by="ann")}, WARN, "verdict_kept"),
        ({"current": current(verdict=Verdict.INSUFFICIENT)}, GO, "verdict_insufficient"),
        ({"current": current(verdict=Verdict.HEALTHY)}, GO, None),
        ({"current": current()}, GO, None),
        ({"is_known_environment": False}, GO, "environment_unknown"),
        ({"windows": [window(market=None)]}, WARN, "market_unknown"),
        ({"windows": [window(WindowRule.INSIDE_SESSION, market=None)]}, WARN, "market_unknown"),
    ],
)
def test_each_fact_alone(known: dict[str, Any], decision: Decision, code: str | None) -> None:
    answer = decide(facts(**known))
    assert (answer.decision, codes(answer)) == (decision, [code] if code else [])


@pytest.mark.parametrize(
    ("at", "rule", "margins", "decision", "until"),
    [
        ("25 14:29", "outside_session", (0, 0), GO, None),
        ("25 14:30", "outside_session", (0, 0), NO_GO, "25 21:00"),
        ("25 20:59", "outside_session", (0, 0), NO_GO, "25 21:00"),
        ("25 21:00", "outside_session", (0, 0), GO, None),
        ("25 14:00", "outside_session", (30, 15), NO_GO, "25 21:15"),
        ("25 13:59", "outside_session", (30, 15), GO, None),
        ("26 16:00", "outside_session", (30, 15), GO, None),  # Thanksgiving
        ("27 18:30", "outside_session", (30, 15), GO, None),  # a half day
        ("27 18:10", "outside_session", (30, 15), NO_GO, "27 18:15"),
        ("25 14:29", "inside_session", (0, 0), NO_GO, "25 14:30"),
        ("25 14:30", "inside_session", (0, 0), GO, None),
        ("25 14:30", "inside_session", (30, 15), NO_GO, "25 14:45"),
        ("25 20:29", "inside_session", (30, 15), GO, None),
        ("25 20:30", "inside_session", (30, 15), NO_GO, "27 14:45"),  # over the holiday
        ("27 18:00", "inside_session", (0, 0), NO_GO, "30 14:30"),  # over the weekend
    ],
)
def test_windows_of_a_session(
    at: str, rule: str, margins: tuple[int, int], decision: Decision, until: str | None
) -> None:
    before, after = (each * MINUTE for each in margins)
    answer = decide(facts(at=utc(at), windows=[window(WindowRule(rule), before=before, after=after)]))
    assert answer.decision == decision
    assert answer.retry_at == (utc(until) if until else None)
    assert [each.until for each in answer.reasons if each.blocks] == ([utc(until)] if until else [])


@pytest.mark.parametrize(
    ("at", "decision", "until"),
    [("25 14:00", NO_GO, "25 22:00"), ("25 22:00", GO, None), ("26 05:59", GO, None), ("27 12:00", NO_GO, "30 22:00")],
)
def test_times_of_the_week(at: str, decision: Decision, until: str | None) -> None:
    nights = times({"times": ["22:00-06:00"], "weekdays": ["monday:thursday"]})
    answer = decide(facts(at=utc(at), windows=[nights]))
    assert (answer.decision, answer.retry_at) == (decision, utc(until) if until else None)


def test_times_that_come_twice_a_year_are_told_where_they_are_in_sight() -> None:
    rare = times({"days_of_month": ["1"], "months": ["june"]})
    answer = decide(facts(windows=[rare]))
    assert (answer.decision, answer.retry_at, answer.retry_after) == (NO_GO, None, None)


def test_windows_that_allow_open_together_and_those_that_forbid_hold() -> None:
    nights = times({"times": ["22:00-06:00"]}, decision=Decision.WARN)
    inside = window(WindowRule.INSIDE_SESSION)
    assert decide(facts(at=utc("25 15:00"), windows=[nights, inside])).decision == GO
    assert decide(facts(at=utc("25 23:00"), windows=[nights, inside])).decision == GO
    neither = decide(facts(at=utc("25 12:00"), windows=[nights, inside]))
    assert (neither.decision, neither.retry_at) == (NO_GO, utc("25 14:30"))  # the gravest of the two
    assert decide(facts(at=utc("25 15:00"), windows=[inside, window()])).decision == NO_GO


def test_a_window_may_only_warn() -> None:
    answer = decide(facts(at=utc("25 15:00"), windows=[window(decision=Decision.WARN)]))
    assert (answer.decision, answer.retry_at) == (WARN, None)
    assert answer.reasons[0].until == utc("25 21:00")


def test_a_calendar_that_ends_keeps_nothing_out_and_says_so() -> None:
    answer = decide(facts(at=datetime.fromisoformat("2027-01-05T15:00Z"), windows=[window()]))
    assert (answer.decision, codes(answer)) == (WARN, ["market_unknown", "simulated"])
    assert "no data for that day" in answer.reasons[0].text


def test_it_is_asked_again_when_the_last_of_what_the_clock_ends_has_ended() -> None:
    known = facts(
        at=utc("25 20:00"),
        freezes=[freeze(utc("25 20:30"), utc("27 16:00")), freeze(utc("28 10:00"), utc("28 11:00"))],
        windows=[window(after=15 * MINUTE)],
    )
    answer = decide(known)
    assert codes(answer)[0] == "in_session"
    assert answer.retry_at == utc("27 18:15")  # the freeze begins before the close and ends within the half day
    assert answer.retry_after == (utc("27 18:15") - utc("25 20:00")).total_seconds()


def test_what_no_clock_ends_has_no_time() -> None:
    assert decide(facts(**ALERT)).retry_after is None
    assert decide(facts(**ALERT, freezes=[freeze()])).retry_after == 3600  # of the freeze; the alert may last


@pytest.mark.parametrize("known", [ALERT, UNHEALTHY, {"budgets": [budget(-1.0, is_spent=True)]}])
def test_a_rollback_is_not_stopped_by_what_it_is_to_cure(known: dict[str, Any]) -> None:
    answer = decide(facts(**known, **BACK))
    assert (answer.decision, "way_back" in codes(answer)) == (WARN, True)
    assert decide(facts(**known, rollback_to=frozenset({"1.9"}))).decision == NO_GO
    assert decide(facts(**known, **BACK, freezes=[freeze()])).decision == NO_GO


def test_an_override_turns_no_go_into_a_warning_that_names_what_it_passes() -> None:
    answer = decide(facts(freezes=[freeze()], budgets=[budget(0.1)], **ALERT, override=override()))
    assert (answer.decision, answer.retry_after) == (WARN, None)
    assert {each.code: (each.is_overridden, each.blocks) for each in answer.reasons} == {
        "freeze": (True, False),
        "critical_alert": (True, False),
        "budget_low": (False, False),
    }
    assert answer.evidence["override"]["created_by"] == "ann"
    assert decide(facts(override=override())).decision == GO


def test_what_is_said_is_for_people() -> None:
    many = {"alerts": [AlertFact(n, f"Alert {n}") for n in range(5)], "critical_alerts": 12}
    answer = decide(
        facts(
            freezes=[freeze(ends_at=utc("30 14:00"), zone="America/New_York", reason="Thanksgiving")],
            budgets=[budget(-0.123, is_spent=True), budget(0.1, name="uptime", burn="page", burn_rate=18.04)],
            running=[running()],
            **many,
        )
    )
    assert [each.text for each in answer.reasons] == [
        "Freeze “Year end” until Mon 30 Nov 09:00 America/New_York (14:00 UTC, 30 Nov 2026): Thanksgiving",
        "12 critical alerts open: Alert 0; Alert 1; Alert 2 and 9 more",
        "Budget spent: availability (−12.3% left)",
        "Budget burns at page pace: uptime (18x)",
        "2.0.0 is going out for 4 min, started by Mara Lindqvist",
        "Budget below 25%: uptime (10% left)",
    ]


# --- properties -------------------------------------------------------------------------------------------------------
moments = st.integers(0, 8 * 24 * 4).map(lambda n: utc("23 00:00") + n * 15 * MINUTE)
stretches = st.tuples(moments, st.integers(1, 200)).map(lambda each: freeze(each[0], each[0] + each[1] * 15 * MINUTE))
margins = st.integers(0, 8).map(lambda n: n * 15 * MINUTE)
decisions = st.sampled_from([WARN, NO_GO])
session_windows = st.builds(
    window,
    st.sampled_from([WindowRule.OUTSIDE_SESSION, WindowRule.INSIDE_SESSION]),
    before=margins,
    after=margins,
    decision=decisions,
)
nights = st.builds(
    times,
    st.tuples(st.integers(0, 23), st.integers(0, 22)).map(
        lambda each: {"times": [f"{each[0]:02d}:00-{(each[0] + each[1] + 1) % 24:02d}:15"]}
    ),
    decision=decisions,
)
known_facts = st.builds(
    facts,
    at=moments,
    freezes=st.lists(stretches, max_size=4),
    windows=st.lists(st.one_of(session_windows, nights), max_size=3),
    budgets=st.lists(st.builds(budget, st.floats(0.01, 1)), max_size=2),
    critical_alerts=st.integers(0, 1),
    alerts=st.just([AlertFact(1, "x")]),
)


def again(known: Facts, at: datetime) -> Answer:
    """The same facts at another moment."""
    values = {name: getattr(known, name) for name in Facts.__dataclass_fields__}
    return decide(Facts(**values | {"at": at}))


def is_timed(answer: Answer) -> bool:
    return any(each.blocks and each.is_timed for each in answer.reasons)


@given(known_facts)
def test_it_never_lets_out_in_a_freeze(known: Facts) -> None:
    if any(each.starts_at <= known.at < each.ends_at for each in known.freezes):
        assert decide(known).decision == NO_GO


@given(known_facts)
def test_asked_again_at_its_time_no_clock_blocks_and_at_no_earlier_one(known: Facts) -> None:
    answer = decide(known)
    assert (answer.retry_at is not None) <= is_timed(answer)
    if answer.retry_at is not None:
        assert not is_timed(again(known, answer.retry_at))
        assert not is_timed(again(known, known.at + timedelta(seconds=answer.retry_after or 0)))
        at = known.at
        while at < answer.retry_at:  # every edge lies on a quarter of an hour
            assert is_timed(again(known, at))
            at += 15 * MINUTE


@given(known_facts, st.booleans())
def test_the_decision_is_that_of_its_reasons(known: Facts, overridden: bool) -> None:
    values = {name: getattr(known, name) for name in Facts.__dataclass_fields__}
    answer = decide(Facts(**values | {"override": override() if overridden else None}))
    assert (answer.decision == NO_GO) == any(each.blocks for each in answer.reasons)
    assert (answer.decision == GO) == all(each.decision == GO for each in answer.reasons)
    assert not (overridden and answer.decision == NO_GO)
    assert all(each.until is None or each.until > known.at for each in answer.reasons)


def test_the_market_of_these_tests_is_closed_on_the_holiday() -> None:
    assert [each.day.day for each in XNYS.sessions] == [24, 25, 27, 30]
