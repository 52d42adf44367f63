"""What the trace endpoint answers, for OpenAPI. The values are made by `serial`."""

from rest_framework import serializers

from tradewatch.performance.traces.choices import FindingKind


class TraceShare(serializers.Serializer[object]):
    name = serializers.CharField(help_text="database, cache, network, queue, a service, or other")
    seconds = serializers.FloatField()
    ratio = serializers.FloatField(help_text="of the main span's length, 0 to 1")


class TraceVital(serializers.Serializer[object]):
    value = serializers.FloatField(help_text="milliseconds; of cls without a unit")
    rating = serializers.ChoiceField(["good", "needs improvement", "poor"])


class TraceVitals(serializers.Serializer[object]):
    lcp = TraceVital(required=False)
    cls = TraceVital(required=False)
    inp = TraceVital(required=False)
    ttfb = TraceVital(required=False)
    fcp = TraceVital(required=False)


class TraceFinding(serializers.Serializer[object]):
    kind = serializers.ChoiceField([kind.value for kind in FindingKind])
    project = serializers.CharField()
    service = serializers.CharField()
    transaction = serializers.CharField()
    op = serializers.CharField()
    pattern = serializers.CharField(help_text="the query or request without literals and ids")
    count = serializers.IntegerField()
    seconds = serializers.FloatField(help_text="all of its spans together")
    cost_seconds = serializers.FloatField(help_text="what would be saved without it")
    answer_bytes = serializers.IntegerField(allow_null=True)
    span_ids = serializers.ListField(child=serializers.CharField())


class TraceError(serializers.Serializer[object]):
    event_id = serializers.CharField()
    issue_id = serializers.IntegerField()
    project = serializers.CharField()
    title = serializers.CharField()
    severity = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    span_id = serializers.CharField(allow_null=True)


class TraceSpan(serializers.Serializer[object]):
    span_id = serializers.CharField()
    parent_span_id = serializers.CharField(allow_null=True)
    is_transaction = serializers.BooleanField()
    has_lost_parent = serializers.BooleanField(help_text="it names a parent that did not come")
    project = serializers.CharField()
    service = serializers.CharField()
    op = serializers.CharField()
    name = serializers.CharField()
    pattern = serializers.CharField()
    status = serializers.CharField(allow_null=True)
    is_failed = serializers.BooleanField()
    started_at = serializers.DateTimeField(help_text="on the trace's clock, see shifted_seconds")
    seconds = serializers.FloatField()
    own_seconds = serializers.FloatField(help_text="what no child covers")
    path_seconds = serializers.FloatField(help_text="its part of the slowest path")
    shifted_seconds = serializers.FloatField(help_text="by how much it was moved because its machine's clock differs")
    depth = serializers.IntegerField()
    event_id = serializers.CharField(allow_null=True)
    release = serializers.CharField(allow_null=True)
    environment = serializers.CharField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]  # the same


class TraceAnswer(serializers.Serializer[object]):
    trace_id = serializers.CharField()
    started_at = serializers.DateTimeField()
    seconds = serializers.FloatField()
    main_span_id = serializers.CharField(allow_null=True)
    where = TraceShare(many=True)
    web_vitals = TraceVitals()
    findings = TraceFinding(many=True)
    errors = TraceError(many=True)  # type: ignore[assignment]  # the answer's field, not the serializer's own errors
    spans = TraceSpan(many=True)
    spans_left_out = serializers.IntegerField(help_text="past 20,000")
