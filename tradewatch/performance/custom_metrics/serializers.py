"""The shapes of /performance/metrics*: what is checked on the way in, and what OpenAPI says of the way out."""

from typing import Any

from rest_framework import serializers

from tradewatch.metrics.models import MetricType

MOST_POINTS = 10_000


class PointRequest(serializers.Serializer[Any]):
    """A point; the service checks each by itself, so that one that is wrong costs no other."""

    name = serializers.CharField(max_length=120, help_text="letters, digits and . _ - / :, such as orders.latency")
    type = serializers.ChoiceField(MetricType.choices)
    value = serializers.FloatField(help_text="finite; what a counter grew by, 0 or more")
    unit = serializers.CharField(
        required=False,
        max_length=40,
        help_text="ratio, percent, byte, second, millisecond, ... or your own, such as USD",
    )
    attributes = serializers.DictField(
        child=serializers.JSONField(), required=False, help_text="up to 16 of texts, numbers, true or false"
    )
    timestamp = serializers.JSONField(required=False, help_text="epoch seconds or ISO 8601; else the moment of arrival")


class PointsRequest(serializers.Serializer[Any]):
    metrics = PointRequest(many=True, help_text=f"1 to {MOST_POINTS:,} points")
    environment = serializers.CharField(required=False, max_length=64, help_text="else SENTRY_ENVIRONMENT")
    project = serializers.CharField(required=False, help_text="id or slug; else the token's only project, or `default`")


class PointsEnvelope(serializers.Serializer[Any]):
    """What of the body is checked as a whole; the points stay as they came."""

    metrics = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=MOST_POINTS)
    environment = serializers.CharField(required=False, max_length=64)


class RejectedPoint(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="place in `metrics`, from 0")
    errors = serializers.DictField(  # type: ignore[assignment]  # the base has a property of that name
        child=serializers.ListField(child=serializers.CharField())
    )


class PointsAnswer(serializers.Serializer[Any]):
    accepted = serializers.IntegerField(help_text="points that are durable now, and counted within a second")
    rejected = RejectedPoint(many=True)


class SeriesPoint(serializers.Serializer[Any]):
    start = serializers.DateTimeField(help_text="of the step")
    value = serializers.FloatField(allow_null=True, help_text="null: no point in it")


class SeriesGroup(serializers.Serializer[Any]):
    label = serializers.CharField(  # type: ignore[assignment]  # the base has a property of that name
        help_text="the attribute's value; empty where it is not set"
    )
    is_other = serializers.BooleanField(help_text="all groups that do not stand apart")
    value = serializers.FloatField(allow_null=True, help_text="over the whole window")
    series = SeriesPoint(many=True)


class Folded(serializers.Serializer[Any]):
    attribute = serializers.CharField(help_text="whose values were counted under `<other>`")
    points = serializers.IntegerField()
    values = serializers.IntegerField(help_text="about how many different ones (±2%)")
    hours = serializers.IntegerField(help_text="in which there were too many series")
    examples = serializers.ListField(child=serializers.CharField())


class MetricSeriesAnswer(serializers.Serializer[Any]):
    """Values in the metric's own unit; a rate is by the second."""

    name = serializers.CharField()
    type = serializers.ChoiceField(MetricType.choices)
    unit = serializers.CharField(help_text="empty: none")
    aggregation = serializers.CharField()
    resolution = serializers.IntegerField(help_text="seconds of a step")
    value = serializers.FloatField(allow_null=True, help_text="over the whole window")
    series = SeriesPoint(many=True)
    groups = SeriesGroup(many=True)
    group_count = serializers.IntegerField(help_text="of all groups, those in `other` too")
    attributes = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    folded = Folded(many=True)


class NamedMetric(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.ChoiceField(MetricType.choices)
    unit = serializers.CharField(help_text="empty: none")
    points = serializers.IntegerField(help_text="received so far")
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class RefusedPoints(serializers.Serializer[Any]):
    reason = serializers.CharField(help_text="the field at fault, or `names`")
    name = serializers.CharField(help_text="of the metric, where that is known")
    points = serializers.IntegerField()
    words = serializers.CharField()


class MetricNamesAnswer(serializers.Serializer[Any]):
    metrics = NamedMetric(many=True)
    refused = RefusedPoints(many=True)
