"""Bodies and answers of /performance/hosts."""

from datetime import datetime
from typing import Any

from django.conf import settings
from rest_framework import serializers

from tradewatch.performance.hosts.reports import OLDEST_SECONDS
from tradewatch.performance.models import Host

SAMPLES_A_REPORT, POINTS_A_SAMPLE = 120, 500
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class PointBody(serializers.Serializer[None]):
    name = serializers.CharField(max_length=80, help_text="e.g. cpu, memory, disk, load.ratio: see docs/hosts.md")
    value = serializers.FloatField(help_text="a ratio is from 0 to 1")
    attributes = serializers.DictField(
        required=False, help_text='e.g. {"mount": "/var"}, {"device": "sda"}, {"interface": "eth0"}'
    )


class SampleBody(serializers.Serializer[None]):
    age_seconds = serializers.FloatField(
        default=0.0, min_value=0.0, max_value=OLDEST_SECONDS, help_text="how long ago it was taken"
    )
    points = serializers.ListField(child=PointBody(), max_length=POINTS_A_SAMPLE)
    late = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, max_length=100, help_text="what did not answer"
    )


class ReportBody(serializers.Serializer[None]):
    host = serializers.RegexField(NAME, max_length=100, help_text="letters, digits, dot, dash, underscore")
    project = serializers.CharField(required=False, help_text="a slug; without it the token's only one, else default")
    environment = serializers.CharField(max_length=64, default="", allow_blank=True)
    platform = serializers.CharField(max_length=200, default="", allow_blank=True)
    agent = serializers.CharField(max_length=40, default="", allow_blank=True, help_text="version of what reports")
    interval_seconds = serializers.IntegerField(default=60, min_value=1, max_value=86_400)
    samples = serializers.ListField(child=SampleBody(), min_length=1, max_length=SAMPLES_A_REPORT)


class RejectedAnswer(serializers.Serializer[None]):
    name = serializers.CharField()
    reason = serializers.CharField()


class TakenAnswer(serializers.Serializer[None]):
    host = serializers.CharField()
    id = serializers.IntegerField()
    accepted = serializers.IntegerField(help_text="points stored")
    rejected = RejectedAnswer(many=True)


class HostAnswer(serializers.ModelSerializer[Host]):
    project = serializers.CharField(source="project.slug")
    state = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Host
        fields = [
            "id", "project", "name", "environment", "state", "is_own", "platform", "agent_version", "interval_seconds",
            "cpu_count", "cpu_ratio", "load_ratio", "memory_ratio", "swap_ratio", "disk_ratio", "disk_mount",
            "late_parts", "first_seen_at", "last_seen_at", "retired_at", "url",
        ]  # fmt: skip

    def get_state(self, row: Host) -> str:
        """reports, silent or retired"""
        now: datetime = self.context["now"]
        return str(row.state(now))

    def get_url(self, row: Host) -> str:
        return f"{settings.PUBLIC_URL}{row.get_absolute_url()}"


class HostPage(serializers.Serializer[None]):
    results = HostAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class AtQuery(serializers.Serializer[None]):
    at = serializers.DateTimeField(required=False, help_text="its figures at that minute")


class FigureAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    unit = serializers.CharField()
    attributes = serializers.DictField(child=serializers.CharField())
    value = serializers.FloatField()


class OneHostAnswer(HostAnswer):
    figures = FigureAnswer(many=True, help_text="of the minute `at`, else of its newest report")

    class Meta(HostAnswer.Meta):
        fields = [*HostAnswer.Meta.fields, "figures"]
