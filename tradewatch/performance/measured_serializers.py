"""The shape of `GET /performance/metrics`, as OpenAPI says it."""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.Field[int, object, str, int]):
    """Epoch seconds inside, ISO 8601 in UTC outside."""

    def to_representation(self, value: int) -> str:
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")


def _ratio(help_text: str) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text)


class Numbers(serializers.Serializer[Any]):
    """Everything is null where nothing was measured, never 0."""

    count = serializers.IntegerField(help_text="received")
    weighted_count = serializers.FloatField(help_text="each as 1 / its client's sample rate; the rest is of these")
    failed = serializers.IntegerField(help_text="received with a status other than ok, cancelled and unknown")
    throughput = _ratio("requests a minute")
    failure_rate = _ratio("from 0.0 to 1.0")
    apdex = _ratio("from 0.0 to 1.0")
    p50 = _ratio("seconds, at most 1% off, as all percentiles")
    p75 = _ratio("seconds")
    p95 = _ratio("seconds")
    p99 = _ratio("seconds")


class NumbersAt(Numbers):
    start = MomentField()


class RequestNumbers(Numbers):
    coverage = _ratio("the share that was received: 0.2 at a sample rate of 20%")
    series = NumbersAt(many=True, help_text="one a step of the resolution; a step without requests is absent")


class TransactionNumbers(Numbers):
    name = serializers.CharField()
    op = serializers.CharField(help_text="may be empty")
    project = serializers.SlugField()
    share_of_time = serializers.FloatField(help_text="of the time of all transactions, from 0.0 to 1.0")
    url = serializers.URLField()


class MetricPoint(serializers.Serializer[Any]):
    start = MomentField()
    value = serializers.FloatField()


class MetricNumbers(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField(help_text="counter, gauge or distribution")
    unit = serializers.CharField()
    aggregation = serializers.CharField(help_text="what value and series are")
    value = _ratio("over the whole window")
    series = MetricPoint(many=True)


class HostNumbers(serializers.Serializer[Any]):
    """Of the machines that report, the mean over the window; null without any."""

    cpu = _ratio("busy share, from 0.0 to 1.0")
    memory = _ratio("used share")
    disk = _ratio("used share of the fullest file system, at its fullest")
    network = _ratio("bytes a second, received and sent, of all interfaces")


class NamedHostNumbers(HostNumbers):
    name = serializers.CharField()


class System(HostNumbers):
    hosts = NamedHostNumbers(many=True)


class ReadyCheck(serializers.Serializer[Any]):
    status = serializers.CharField()
    seconds = serializers.FloatField()
    detail = serializers.CharField()


class ExternalCheck(serializers.Serializer[Any]):
    name = serializers.CharField()
    project = serializers.SlugField()
    state = serializers.CharField(help_text="up, slow, down, unknown or paused")
    seconds = _ratio("how long the last answer took")
    uptime = _ratio("share of the known time of the window in which it answered; null when nothing is known")


class Health(serializers.Serializer[Any]):
    status = serializers.ChoiceField(["ok", "failing"], help_text="of TradeWatch itself")
    checks = serializers.DictField(child=ReadyCheck())
    external = ExternalCheck(many=True)


class PerformanceMetricsAnswer(serializers.Serializer[Any]):
    window_seconds = serializers.IntegerField()
    resolution_seconds = serializers.IntegerField()
    start = MomentField()
    end = MomentField()
    system = System()
    requests = RequestNumbers()
    transactions = TransactionNumbers(many=True, help_text="those that took the most time, a hundred at most")
    custom = MetricNumbers(many=True, help_text="named metrics with a point in the window, fifty at most")
    health = Health()
