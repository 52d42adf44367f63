"""The shapes of /error-tracking/*: what is checked on the way in, and what OpenAPI says of the way out."""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tradewatch.errors.trial import MESSAGE


class TestEventRequest(serializers.Serializer[Any]):
    message = serializers.CharField(default=MESSAGE, max_length=1000)
    project = serializers.CharField(required=False, help_text="id or slug; else the token's only project, or `default`")


class TestEventAnswer(serializers.Serializer[Any]):
    event_id = serializers.CharField(help_text="32 hex digits")
    url = serializers.URLField(help_text="leads to the event's page once it is digested")


class Upstream(serializers.Serializer[Any]):
    """The one that SENTRY_DSN names. Counts are of envelopes, by the upstream's category."""

    configured = serializers.BooleanField()
    state = serializers.ChoiceField(["off", "idle", "up", "waiting", "down", "refused"])
    spooled = serializers.IntegerField(help_text="envelopes that wait")
    spooled_bytes = serializers.IntegerField()
    limit_bytes = serializers.IntegerField(help_text="of the spool, over all upstreams")
    oldest_seconds = serializers.FloatField(allow_null=True, help_text="age of the oldest that waits")
    since = serializers.DateTimeField(allow_null=True, help_text="of the state")
    next_try_at = serializers.DateTimeField(allow_null=True, help_text="null: at once")
    last_sent_at = serializers.DateTimeField(allow_null=True)
    detail = serializers.CharField(help_text="what it said last, or what happened on the way")
    sent = serializers.DictField(child=serializers.IntegerField())
    refused = serializers.DictField(child=serializers.IntegerField(), help_text="for good")
    dropped = serializers.DictField(child=serializers.IntegerField(), help_text="by a full spool")
    limited_until = serializers.DictField(child=serializers.FloatField(), help_text="{category or all: epoch seconds}")


class Ingest(serializers.Serializer[Any]):
    pending = serializers.IntegerField(help_text="envelopes accepted and not yet digested")
    oldest_seconds = serializers.FloatField(allow_null=True, help_text="age of the oldest of them")
    dead = serializers.IntegerField(help_text="dead letters that wait for a decision")
    digested = serializers.IntegerField(help_text="envelopes digested so far")
    last_digested_at = serializers.DateTimeField(allow_null=True)
    discarded_24h = serializers.DictField(child=serializers.IntegerField(), help_text="items counted, not kept")


class Feature(serializers.Serializer[Any]):
    value = serializers.JSONField()
    takes_effect = serializers.BooleanField()
    note = serializers.CharField(required=False)


class Facade(serializers.Serializer[Any]):
    failures = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="{operation: how often it failed and was swallowed}, in the answering process since its start",
    )


class Edge(serializers.Serializer[Any]):
    """In the answering process, since its start."""

    accepted = serializers.IntegerField(help_text="requests of SDKs taken")
    accepted_bytes = serializers.IntegerField(help_text="as they came over the wire")
    refused = serializers.DictField(child=serializers.IntegerField(), help_text="{HTTP status: requests refused}")


class Disk(serializers.Serializer[Any]):
    """Where the disk stands now, and how its use has grown: the latter from the first hourly sample on."""

    level = serializers.ChoiceField(
        choices=["ok", "high", "critical", "unknown"],
        help_text="high: old data is cleared; critical: events are refused (429); unknown: PostgreSQL without a budget",
    )
    free_bytes = serializers.IntegerField(allow_null=True)
    total_bytes = serializers.IntegerField(allow_null=True, help_text="of the disk, or PostgreSQL's budget")
    reusable_bytes = serializers.IntegerField(required=False, help_text="pages of the files that hold nothing")
    low_mark_free_bytes = serializers.IntegerField(required=False)
    high_mark_free_bytes = serializers.IntegerField(required=False)
    critical_mark_free_bytes = serializers.IntegerField(required=False)
    is_clearing = serializers.BooleanField(required=False)
    clearing_began_at = serializers.DateTimeField(required=False, allow_null=True, help_text="or the last one's")
    cleared = serializers.DictField(child=serializers.IntegerField(), required=False, help_text="{kind: rows}")
    sampled_at = serializers.DateTimeField(allow_null=True)
    used_bytes = serializers.IntegerField(required=False)
    by_kind = serializers.DictField(child=serializers.IntegerField(), required=False)
    is_exact = serializers.BooleanField(required=False, help_text="false: shared out by rows")
    bytes_a_day = serializers.IntegerField(required=False, allow_null=True, help_text="null: too little history")
    days_left = serializers.FloatField(required=False, allow_null=True)
    forecast = serializers.CharField(required=False)


class Kept(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField(help_text="of the documents as stored")


class Debugging(serializers.Serializer[Any]):
    storage = serializers.DictField(child=Kept(), help_text="{kind: what is kept of it}, of the whole installation")
    bytes = serializers.IntegerField(help_text="of all kinds together")


class ScheduledBackup(serializers.Serializer[Any]):
    state = serializers.CharField(help_text="off, waiting, ok, overdue or failed")
    last_backup_at = serializers.DateTimeField(allow_null=True)
    last_backup_age_seconds = serializers.IntegerField(allow_null=True)
    last_failed_at = serializers.DateTimeField(allow_null=True)


class OwnHealth(serializers.Serializer[Any]):
    """What TradeWatch measures of itself (docs/health.md), of the whole installation."""

    measures = serializers.DictField(
        child=serializers.JSONField(), help_text="{measure: its value, {label: value}, or null while it is not known}"
    )
    troubles = serializers.DictField(child=serializers.CharField(), help_text="{measure: warning or critical}")
    unreadable = serializers.ListField(child=serializers.CharField(), help_text="groups that could not be read")


class StatusAnswer(serializers.Serializer[Any]):
    initialized = serializers.BooleanField(help_text="a project with a key that is not revoked exists")
    environment = serializers.CharField()
    release = serializers.CharField(allow_null=True)
    upstream = Upstream()
    ingest = Ingest()
    features = serializers.DictField(child=Feature(), help_text="each SENTRY_* option")
    facade = Facade()
    edge = Edge()
    disk = Disk()
    debugging = Debugging()
    backup = ScheduledBackup()
    health = OwnHealth()


class Trend(serializers.Serializer[Any]):
    previous = serializers.IntegerField(help_text="events in the window of the same length before")
    change_ratio = serializers.FloatField(allow_null=True, help_text="null when there were none before")


class TopIssue(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    events = serializers.IntegerField(help_text="in the window")
    users = serializers.IntegerField(help_text="over all time")
    severity = serializers.CharField()
    category = serializers.CharField()
    url = serializers.URLField()


@extend_schema_field(OpenApiTypes.DATETIME)
class EpochField(serializers.Field[int, object, str, int]):
    """Epoch seconds inside, ISO 8601 in UTC outside."""

    def to_representation(self, value: int) -> str:
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")


class Point(serializers.Serializer[Any]):
    start = EpochField()
    events = serializers.IntegerField()
    requests = serializers.IntegerField()


class MetricsAnswer(serializers.Serializer[Any]):
    window_seconds = serializers.IntegerField()
    start = EpochField()
    end = EpochField()
    events = serializers.IntegerField()
    users = serializers.IntegerField(help_text="approximate")
    error_rate = serializers.FloatField(allow_null=True, help_text="failed share of requests; null without any")
    error_rate_source = serializers.ChoiceField(
        ["transactions", "sessions", "none"], help_text="what the rate is made of; sessions without transactions"
    )
    trend = Trend()
    by_severity = serializers.DictField(child=serializers.IntegerField())
    by_category = serializers.DictField(child=serializers.IntegerField())
    by_release = serializers.DictField(child=serializers.IntegerField())
    top_issues = TopIssue(many=True)
    series = Point(many=True)
