"""The four numbers as the API shows them: each with its counts, and the same of the window before."""

from typing import Any

from rest_framework import serializers

from releases.dora.figures import Dora
from releases.dora.queries import Delivery


class FrequencyAnswer(serializers.Serializer[Any]):
    per_week = serializers.FloatField(allow_null=True, help_text="null: nothing was ever deployed there")
    deployments = serializers.IntegerField(help_text="that ended in the window")
    rollbacks = serializers.IntegerField(help_text="beside them: deployments that took another one back")


class LeadTimeAnswer(serializers.Serializer[Any]):
    median_seconds = serializers.FloatField(allow_null=True)
    commits = serializers.IntegerField(help_text="newly deployed, whose time is known and before the deployment's end")


class FailRateAnswer(serializers.Serializer[Any]):
    ratio = serializers.FloatField(allow_null=True, help_text="from 0 to 1")
    failed = serializers.IntegerField(help_text="failed, or rolled back")
    deployments = serializers.IntegerField()


class RestoreAnswer(serializers.Serializer[Any]):
    median_seconds = serializers.FloatField(allow_null=True)
    incidents = serializers.IntegerField(help_text="that deployments caused and that ended in the window")
    open = serializers.IntegerField(help_text="not over at its end")


class DoraAnswer(serializers.Serializer[Any]):
    deployment_frequency = FrequencyAnswer()
    lead_time = LeadTimeAnswer()
    change_fail_rate = FailRateAnswer()
    time_to_restore = RestoreAnswer()


class ComparedAnswer(DoraAnswer):
    before = DoraAnswer(help_text="the same of the window before, which is as long")


class DoraOfProjectAnswer(serializers.Serializer[Any]):
    project = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    environments = serializers.DictField(child=ComparedAnswer())


def values_of(delivery: Delivery) -> dict[str, Any]:
    return {**four(delivery.now), "before": four(delivery.before)}


def four(found: Dora) -> dict[str, Any]:
    return {
        "deployment_frequency": {
            "per_week": found.per_week,
            "deployments": found.deployments,
            "rollbacks": found.restoring,
        },
        "lead_time": {"median_seconds": found.lead_seconds, "commits": found.commits},
        "change_fail_rate": {
            "ratio": found.change_fail_rate,
            "failed": found.failed,
            "deployments": found.deployments,
        },
        "time_to_restore": {
            "median_seconds": found.restore_seconds,
            "incidents": found.incidents,
            "open": found.open_incidents,
        },
    }
