import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from alerts.models import EscalationPolicy, EscalationStep, EscalationTarget, NotificationChannel, Schedule
from alerts.policies.reading import resolve_targets, snapshot, take_turn
from alerts.policies.snapshot import Target
from tests.alerts.oncall.builders import make_override, make_person, make_schedule
from tests.calendars.oracle import utc
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db
NOW = utc("2026-11-23T15:12")  # Monday, 10:12 in New York: the first day of the rotation


def make_policy() -> EscalationPolicy:
    return EscalationPolicy.objects.create(name="Trading", repeats=1)


def test_a_snapshot_holds_what_the_policy_was() -> None:
    jonas = make_person("jonas", first_name="Jonas", last_name="Okafor")
    schedule = make_schedule(jonas)
    policy = make_policy()
    second = EscalationStep.objects.create(policy=policy, position=2, wait_seconds=600, is_round_robin=True)
    first = EscalationStep.objects.create(policy=policy, position=1)
    EscalationTarget.objects.create(step=first, kind="schedule", schedule=schedule)
    EscalationTarget.objects.create(step=second, kind="user", user=jonas)

    kept = snapshot(policy)
    EscalationStep.objects.all().delete()

    assert [(step.wait_seconds, step.is_round_robin) for step in kept.steps] == [(0, False), (600, True)]
    assert [step.targets for step in kept.steps] == [
        (Target("schedule", schedule.pk, "Order path"),),
        (Target("user", jonas.pk, "Jonas Okafor"),),
    ]


def test_a_step_reaches_whoever_is_on_call_at_that_moment() -> None:
    jonas, priya, mara = (make_person(name) for name in ("jonas", "priya", "mara"))
    schedule = make_schedule(jonas, priya)
    target = (Target("schedule", schedule.pk, schedule.name),)
    assert [one.user_id for one in resolve_targets(target, NOW).reached] == [jonas.pk]
    assert resolve_targets(target, NOW).reached[0].why == "You are on call for Order path."
    assert [one.user_id for one in resolve_targets(target, utc("2026-11-24T14:00")).reached] == [priya.pk]
    make_override(schedule, "2026-11-23T15:00", "2026-11-23T16:00", mara)
    assert [one.user_id for one in resolve_targets(target, NOW).reached] == [mara.pk]


def test_each_person_is_reached_once_and_round_robin_takes_turns() -> None:
    jonas, priya = make_person("jonas"), make_person("priya")
    desk = Team.objects.create(name="Desk", slug="desk")
    desk.members.add(jonas, priya)
    ops = NotificationChannel.objects.create(name="#ops", kind="webhook")
    targets = (
        Target("team", desk.pk, "Desk"),
        Target("user", priya.pk, "Priya"),
        Target("channel", ops.pk, "#ops"),
    )
    everyone = resolve_targets(targets, NOW).reached
    assert [(one.user_id, one.channel_id) for one in everyone] == [(jonas.pk, None), (priya.pk, None), (None, ops.pk)]
    turns = [resolve_targets(targets, NOW, is_round_robin=True, turn=turn).reached for turn in range(4)]
    assert [one[0].user_id for one in turns] == [jonas.pk, priya.pk, None, jonas.pk]


def test_whoever_cannot_be_reached_is_said() -> None:
    gone = make_person("gone", is_active=False)
    empty = make_schedule(name="Nights")
    team = Team.objects.create(name="Desk", slug="desk")
    found = resolve_targets(
        (
            Target("user", gone.pk, "Gone"),
            Target("schedule", empty.pk, "Nights"),
            Target("schedule", 9999, "Old"),
            Target("team", team.pk, "Desk"),
            Target("channel", 9999, "#gone"),
        ),
        NOW,
    )
    assert found.reached == ()
    assert found.gaps == (
        "Gone has no active account",
        "nobody is on call for Nights",
        "schedule Old was deleted",
        "Desk has no members",
        "channel #gone is switched off or was deleted",
    )


def test_turns_go_on_and_a_step_that_is_gone_has_none() -> None:
    step = EscalationStep.objects.create(policy=make_policy())
    with transaction.atomic():
        assert [take_turn(step.pk), take_turn(step.pk), take_turn(9999)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        ({"kind": "user"}, "user", "choose one"),
        ({"kind": "schedule", "schedule": "x", "user": "x"}, "user", "leave empty: the kind is schedule"),
    ],
)
def test_a_target_names_exactly_what_its_kind_says(fields: dict[str, str], field: str, text: str) -> None:
    real = {"user": make_person(), "schedule": Schedule.objects.create(name="S")}
    target = EscalationTarget(**{name: real.get(name, value) for name, value in fields.items()})
    with pytest.raises(ValidationError) as fault:
        target.clean()
    assert fault.value.message_dict[field] == [text]
