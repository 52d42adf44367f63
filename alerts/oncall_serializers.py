"""The shapes of schedules, policies and who is on call."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from rest_framework import serializers

from alerts.models import EscalationPolicy, EscalationStep, EscalationTarget, Override, Rotation, Schedule
from alerts.oncall.reading import Now, Person
from alerts.policies.reading import target_of
from alerts.policies.steps import words_of


class PersonAnswer(serializers.Serializer[None]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class ScheduleName(serializers.Serializer[None]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    zone = serializers.CharField()


class HandoffAnswer(serializers.Serializer[None]):
    at = serializers.DateTimeField()
    user = PersonAnswer(allow_null=True, help_text="null: nobody")


class OnCallAnswer(serializers.Serializer[Any]):
    schedule = ScheduleName()
    user = PersonAnswer(allow_null=True, help_text="null: nobody")
    layer = serializers.CharField(help_text="the name of the layer, or override; empty: nobody")
    next_handoff = HandoffAnswer(allow_null=True, help_text="null: none within 400 days")
    url = serializers.CharField()


class OnCallPage(serializers.Serializer[None]):
    at = serializers.DateTimeField()
    results = OnCallAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class MemberAnswer(serializers.ModelSerializer[Rotation]):
    people = serializers.SerializerMethodField(help_text="usernames in the order of their turns")
    starts_on = serializers.DateField()
    handoff_time = serializers.SerializerMethodField(
        help_text="HH:MM:SS in the schedule's zone, as people read a clock"
    )

    class Meta:
        model = Rotation
        fields = [
            *("id", "name", "position", "kind", "every", "shift_minutes", "starts_on", "handoff_time"),
            *("restrictions", "from_at", "until_at", "people"),
        ]

    def get_handoff_time(self, rotation: Rotation) -> str:
        return rotation.handoff_time.isoformat()

    def get_people(self, rotation: Rotation) -> list[str]:
        return [member.user.get_username() for member in rotation.members.all()]


class OverrideAnswer(serializers.ModelSerializer[Override]):
    start = serializers.DateTimeField(source="start_at")
    end = serializers.DateTimeField(source="end_at")
    user = serializers.CharField(source="user.username", default=None, allow_null=True)
    instead_of = serializers.CharField(source="instead_of.username", default=None, allow_null=True)

    class Meta:
        model = Override
        fields = ["id", "start", "end", "user", "instead_of", "reason", "created_by"]


class ScheduleAnswer(serializers.ModelSerializer[Schedule]):
    project = serializers.CharField(source="project.slug", default=None, allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = ["id", "name", "project", "zone", "calendar", "url"]

    def get_url(self, schedule: Schedule) -> str:
        return f"{settings.PUBLIC_URL}{schedule.get_absolute_url()}"


class SchedulePage(serializers.Serializer[None]):
    results = ScheduleAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class ScheduleWhole(ScheduleAnswer):
    rotations = MemberAnswer(many=True)
    overrides = OverrideAnswer(many=True)

    class Meta(ScheduleAnswer.Meta):
        fields = [*ScheduleAnswer.Meta.fields, "rotations", "overrides"]


class DutyAnswer(serializers.Serializer[None]):
    user = PersonAnswer(allow_null=True)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    layer = serializers.CharField(help_text="the name of the layer, or override")
    override_id = serializers.IntegerField(allow_null=True)


class GapAnswer(serializers.Serializer[None]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class ScheduleDetail(serializers.Serializer[Any]):
    schedule = ScheduleWhole()
    duties = DutyAnswer(many=True)
    gaps = GapAnswer(many=True)


class OverrideRequest(serializers.Serializer[None]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    user = serializers.SlugRelatedField(
        slug_field="username",
        queryset=get_user_model().objects.filter(is_active=True),
        allow_null=True,
        default=None,
        help_text="who takes over; null: `instead_of` is away",
    )
    instead_of = serializers.SlugRelatedField(
        slug_field="username",
        queryset=get_user_model().objects.filter(is_active=True),
        allow_null=True,
        default=None,
        help_text="null: whoever is on call then",
    )
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class TargetAnswer(serializers.ModelSerializer[EscalationTarget]):
    target_id = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()

    class Meta:
        model = EscalationTarget
        fields = ["kind", "target_id", "name", "words"]

    def get_target_id(self, row: EscalationTarget) -> int:
        return target_of(row).id

    def get_name(self, row: EscalationTarget) -> str:
        return target_of(row).name

    def get_words(self, row: EscalationTarget) -> str:
        return words_of(target_of(row))


class StepAnswer(serializers.ModelSerializer[EscalationStep]):
    targets = TargetAnswer(many=True)

    class Meta:
        model = EscalationStep
        fields = ["position", "wait_seconds", "is_round_robin", "targets"]


class PolicyAnswer(serializers.ModelSerializer[EscalationPolicy]):
    project = serializers.CharField(source="project.slug", default=None, allow_null=True)
    steps = StepAnswer(many=True)

    class Meta:
        model = EscalationPolicy
        fields = ["id", "name", "project", "repeats", "steps"]


class PolicyPage(serializers.Serializer[None]):
    results = PolicyAnswer(many=True)
    next = serializers.CharField(allow_null=True)


def on_call_answer(found: Now) -> dict[str, Any]:
    handoff = found.handoff
    row = {
        "schedule": {"id": found.schedule.pk, "name": found.schedule.name, "zone": found.schedule.zone},
        "user": person_answer(found.person),
        "layer": found.duty.source if found.duty else "",
        "next_handoff": {"at": handoff.at, "user": person_answer(found.following)} if handoff else None,
        "url": f"{settings.PUBLIC_URL}{found.schedule.get_absolute_url()}",
    }
    return dict(OnCallAnswer(row).data)


def person_answer(person: Person | None) -> dict[str, Any] | None:
    return {"id": person.id, "username": person.username, "name": person.name} if person else None
