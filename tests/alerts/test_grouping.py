"""When a group speaks: the decision as a table over values, and what must hold for any group."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.choices import AlertSeverity
from alerts.grouping import Close, Decision, Group, Member, Tell, Timing, Wait, decide

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
TIMING = Timing()
ERROR, CRITICAL = AlertSeverity.ERROR, AlertSeverity.CRITICAL


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def member(number: int = 1, *, seconds: float = 400, severity: AlertSeverity = ERROR, **fields: object) -> Member:
    return Member(id=number, severity=severity, since=ago(seconds), **fields)  # type: ignore[arg-type]


FRESH = member(1)
TOLD = member(2, is_told=True, told_as=ERROR)
GONE = replace(TOLD, id=3, is_open=False)
HELD = member(4, held_by="Silenced by ann.", held_until=NOW + timedelta(minutes=9))


def run(*members: Member, looked: float | None = 300, told: float | None = 300, timing: Timing = TIMING) -> Decision:
    group = Group(
        members=members,
        looked_at=None if looked is None else ago(looked),
        told_at=None if told is None else ago(told),
    )
    return decide(group, timing, now=NOW)


@pytest.mark.parametrize(
    ("members", "looked", "wait_seconds"),
    [
        ([member(seconds=10)], None, 20),
        ([member(seconds=10), member(2, seconds=29)], None, 1),  # from the first alert on
        ([FRESH, TOLD], 299, 1),
        ([TOLD], 300, 300),
        ([TOLD], 700, 200),  # late: back on its beat
        ([HELD], None, 540),  # until what holds it ends by itself
        ([HELD, TOLD], 300, 300),
        ([replace(FRESH, is_acknowledged=True)], None, 300),
        ([GONE, TOLD], 200, 100),
    ],
)
def test_it_waits(members: list[Member], looked: float | None, wait_seconds: int) -> None:
    decision = run(*members, looked=looked)
    assert isinstance(decision, Wait)
    assert decision.until == NOW + timedelta(seconds=wait_seconds)


@pytest.mark.parametrize(
    ("members", "looked", "fresh", "ends", "reason"),
    [
        ([member(seconds=30)], None, (1,), (), "First message of the group, 30 s after the first alert: 1 alert."),
        ([member(seconds=0, severity=CRITICAL)], None, (1,), (), "First message, at once: it is critical."),
        ([FRESH, TOLD], 300, (1,), (), "1 new alert joined the group."),
        ([member(severity=CRITICAL), TOLD], 10, (1,), (), "1 new alert joined the group."),
        ([replace(TOLD, severity=CRITICAL)], 10, (2,), (), "1 alert became critical."),
        ([replace(TOLD, told_as=None)], 10, (2,), (), "1 alert fires again after the acknowledgement."),
        ([GONE, TOLD], 300, (), (3,), "1 of 2 alerts ended."),
        ([GONE, FRESH], 300, (1,), (3,), "1 new alert joined the group."),
        (
            [replace(FRESH, was_held_by="Silenced by ann.")],
            300,
            (1,),
            (),
            "1 new alert joined the group. Told now because what held it is over: Silenced by ann.",
        ),
    ],
)
def test_it_tells(
    members: list[Member], looked: float | None, fresh: tuple[int, ...], ends: tuple[int, ...], reason: str
) -> None:
    decision = run(*members, looked=looked, told=None if looked is None else 300)
    assert decision == Tell(False, fresh, ends, reason)


def test_it_tells_the_end_of_all_that_was_told_whatever_else_is_held() -> None:
    assert run(GONE) == Tell(True, (), (3,), "All has ended: 1 alert.")
    assert run(GONE, HELD) == Tell(True, (), (3,), "All has ended: 1 alert.")
    assert run(GONE, timing=replace(TIMING, sends_resolved=False)) == Tell(True, (), (3,), "All has ended: 1 alert.")


def test_a_shrunken_set_is_no_news_where_resolves_are_not_wanted() -> None:
    assert isinstance(run(GONE, TOLD, timing=replace(TIMING, sends_resolved=False)), Wait)


def test_it_repeats_what_fires_and_nothing_that_is_held_or_acknowledged() -> None:
    four_hours = 4 * 3600
    repeated = run(TOLD, told=four_hours)
    assert repeated == Tell(False, (), (), "Still firing 4 h after the last message.")
    for quiet in (replace(TOLD, is_acknowledged=True), replace(TOLD, held_by="Silenced.")):
        assert isinstance(run(quiet, told=four_hours), Wait)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([replace(FRESH, is_open=False)], "Closed without a message: it came and went before anyone heard of it."),
        ([replace(GONE, is_end_told=True)], "Closed: all has ended, and whoever was told knows."),
        ([], "Closed without a message: it came and went before anyone heard of it."),
    ],
)
def test_it_closes(members: list[Member], reason: str) -> None:
    assert run(*members, looked=None, told=None) == Close(reason)


def test_a_group_whose_alerts_were_all_told_of_has_none_left_that_matter_and_closes_as_told() -> None:
    assert run() == Close("Closed: all has ended, and whoever was told knows.")


# --- what holds for any group --------------------------------------------------------------------------------------
MEMBERS = st.builds(
    lambda number, seconds, severity, is_open, is_ack, held, told, end_told: member(
        number,
        seconds=seconds,
        severity=severity,
        is_open=is_open,
        is_acknowledged=is_ack and is_open,
        held_by="Silenced." if held and is_open else "",
        is_told=told,
        told_as=severity if told else None,
        is_end_told=told and end_told and not is_open,
    ),
    st.integers(1, 10_000),
    st.integers(0, 5_000),
    st.sampled_from(AlertSeverity),
    *[st.booleans()] * 5,
)
GROUPS = st.builds(
    lambda members, looked: Group(members=members, looked_at=looked and ago(looked), told_at=looked and ago(looked)),
    st.lists(MEMBERS, max_size=6, unique_by=lambda one: one.id),
    st.none() | st.integers(1, 5_000),
)


@given(GROUPS)
def test_a_decision_is_never_about_what_is_held_acknowledged_or_over(group: Group) -> None:
    decision = decide(group, TIMING, now=NOW)
    by_id = {one.id: one for one in group.members}
    if isinstance(decision, Tell):
        assert all(by_id[number].fires for number in decision.fresh)
        assert all(by_id[number].is_told and not by_id[number].is_open for number in decision.ends)
        assert not (decision.ended and decision.fresh)
    if isinstance(decision, Wait):
        assert decision.until > NOW or decision.until == NOW
    assert decision.reason


@given(GROUPS)
def test_whoever_was_told_is_told_the_end_before_the_group_closes(group: Group) -> None:
    over = replace(
        group, members=[replace(one, is_open=False, held_by="", is_acknowledged=False) for one in group.members]
    )
    owed = {one.id for one in over.members if one.is_told and not one.is_end_told}
    moment = NOW + timedelta(hours=1)
    decision = decide(over, TIMING, now=moment)
    if owed:
        assert isinstance(decision, Tell)
        assert decision.ended
        assert set(decision.ends) == owed
    else:
        assert isinstance(decision, Close)


@given(GROUPS)
def test_after_a_message_there_is_nothing_left_to_say(group: Group) -> None:
    decision = decide(group, TIMING, now=NOW)
    if not isinstance(decision, Tell):
        return
    said = [
        replace(
            one,
            is_told=one.is_told or one.id in decision.fresh,
            told_as=one.severity if one.id in decision.fresh else one.told_as,
            is_end_told=one.is_end_told or one.id in decision.ends,
        )
        for one in group.members
    ]
    again = decide(Group(members=said, looked_at=NOW, told_at=NOW), TIMING, now=NOW)
    assert not isinstance(again, Tell)
