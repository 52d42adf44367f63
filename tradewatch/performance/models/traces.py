from django.db import models

from tradewatch.metrics.models import Resolution
from tradewatch.performance.traces.choices import Category, Form, KeptFor
from tradewatch.projects.models import Project


class TransactionGroup(models.Model):
    """What transactions are counted under. `name` empty: all transactions of the environment and release together.

    Past the bounds of an hour, `name` or `release` is `<other>` (see `traces.groups`).
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    environment = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    op = models.CharField(max_length=64, blank=True)
    release = models.CharField(max_length=250, blank=True)
    identity = models.UUIDField(unique=True, editable=False, help_text="a hash of all columns before")
    first_seen_at = models.DateTimeField()
    last_day = models.IntegerField(help_text="of its newest bucket, days since the epoch")

    class Meta:
        indexes = [
            models.Index(fields=["project", "name"], name="transaction_group_name"),
            models.Index(fields=["project", "last_day"], name="transaction_group_day"),
        ]

    def __str__(self) -> str:
        return self.name or "all transactions"


class TransactionSums(models.Model):
    """Transactions added up. `weighted` columns count each as 1 / its client's sample rate.

    Of those with a duration: `seconds` is their weighted sum, `bins` their weighted histogram (`metrics.histogram`),
    `within` {milliseconds: (how many had a duration, the same weighted, how many took no longer, the same weighted)}
    for the thresholds of `traces.thresholds`. Apdex: a failed transaction is neither satisfied nor tolerated, however
    fast it was.
    """

    count = models.BigIntegerField(default=0)
    weighted = models.FloatField(default=0.0)
    failed = models.BigIntegerField(default=0)
    weighted_failed = models.FloatField(default=0.0)
    satisfied = models.BigIntegerField(default=0)
    weighted_satisfied = models.FloatField(default=0.0)
    tolerating = models.BigIntegerField(default=0)
    weighted_tolerating = models.FloatField(default=0.0)
    measured = models.BigIntegerField(default=0)
    weighted_measured = models.FloatField(default=0.0)
    seconds = models.FloatField(default=0.0)
    bins = models.BinaryField()
    within = models.BinaryField()

    class Meta:
        abstract = True


class TransactionBucket(TransactionSums):
    """All transactions of a group in [start, start + resolution), epoch seconds."""

    group = models.ForeignKey(TransactionGroup, on_delete=models.CASCADE, db_index=False)
    resolution = models.IntegerField(choices=Resolution.choices)
    start = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "resolution", "start"], name="transaction_bucket_once")]
        indexes = [models.Index(fields=["resolution", "start"], name="transaction_bucket_age")]

    def __str__(self) -> str:
        return f"{self.group_id}@{self.start}: {self.count}"


class TaggedMinute(TransactionSums):
    """The transactions of a minute that carry a tag which somebody asks for (`traces.asking`).

    `name` empty: of every name. Nothing is counted of tags that nobody asks for, however many values they have.
    """

    project_id = models.IntegerField()
    tag_key = models.CharField(max_length=200)
    tag_value = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    environment = models.CharField(max_length=64)
    start = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "tag_key", "tag_value", "name", "start", "environment"], name="tagged_minute_once"
            )
        ]
        indexes = [models.Index(fields=["start"], name="tagged_minute_age")]

    def __str__(self) -> str:
        return f"{self.tag_key}={self.tag_value}@{self.start}: {self.count}"


class SpanGroup(models.Model):
    """What spans are counted under: an operation within transactions of one name.

    `category` says what it waits for (`traces.operations`); `description` has its literals and ids taken out.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    environment = models.CharField(max_length=64)
    transaction = models.CharField(max_length=200)
    category = models.CharField(max_length=16, choices=Category.choices)
    op = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=500, blank=True)
    identity = models.UUIDField(unique=True, editable=False, help_text="a hash of all columns before")
    first_seen_at = models.DateTimeField()
    last_day = models.IntegerField(help_text="of its newest bucket, days since the epoch")

    class Meta:
        indexes = [
            models.Index(fields=["project", "transaction"], name="span_group_transaction"),
            models.Index(fields=["project", "last_day"], name="span_group_day"),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.description}".strip()


class SpanBucket(models.Model):
    """All spans of a group in [start, start + resolution), epoch seconds. What is not `count` is weighted.

    `seconds` is the sum of durations, `exclusive_seconds` of what no child span covered.
    """

    group = models.ForeignKey(SpanGroup, on_delete=models.CASCADE, db_index=False)
    resolution = models.IntegerField(choices=Resolution.choices)
    start = models.BigIntegerField()
    count = models.BigIntegerField(default=0)
    weighted = models.FloatField(default=0.0)
    failed = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    exclusive_seconds = models.FloatField(default=0.0)
    bins = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "resolution", "start"], name="span_bucket_once")]
        indexes = [models.Index(fields=["resolution", "start"], name="span_bucket_age")]

    def __str__(self) -> str:
        return f"{self.group_id}@{self.start}: {self.count}"


class SeenTransaction(models.Model):
    """That a transaction or container of spans was counted: a second delivery is known by it for some days.

    The key is 64 bits of a hash of project and ids: a row of a few bytes for each, kept raw or not.
    """

    identity = models.BigIntegerField(primary_key=True)
    hour = models.IntegerField(help_text="of arrival, hours since the epoch", db_index=True)
    project_id: None = None  # a bare hash: it tells nobody anything

    def __str__(self) -> str:
        return f"{self.identity}@{self.hour}"


class TraceHour(models.Model):
    """How many transactions (and streamed parts) of a project's hour came, and how many of them are kept raw.

    Holds the lock on that choice; `cutoffs` is what a newcomer has to beat.
    """

    project_id = models.IntegerField()
    hour = models.IntegerField(help_text="hours since the epoch")
    seen = models.BigIntegerField(default=0)
    kept = models.IntegerField(default=0)
    cutoffs = models.BinaryField(default=b"", help_text="msgpack of `traces.choosing.Cutoffs`")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project_id", "hour"], name="trace_hour_once")]
        indexes = [models.Index(fields=["hour"], name="trace_hour_age")]

    def __str__(self) -> str:
        return f"{self.project_id}@{self.hour}: {self.kept} of {self.seen}"


class KeptTransaction(models.Model):
    """One service's part of a trace, kept raw. Narrow on purpose: the document lives in `KeptTransactionPayload`.

    Its trace may have parts in other projects. `hour` (of its end, since the epoch) is the budget that it is in; `draw`
    its lot in that, the same for all parts of a trace.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    identity = models.UUIDField(unique=True, editable=False, help_text="the same for a transaction delivered again")
    form = models.CharField(max_length=12, choices=Form.choices, default=Form.TRANSACTION)
    event_id = models.UUIDField(null=True)
    trace_id = models.CharField(max_length=32, blank=True)
    span_id = models.CharField(max_length=16, blank=True)
    parent_span_id = models.CharField(max_length=16, blank=True)
    name = models.CharField(max_length=200)
    op = models.CharField(max_length=64, blank=True)
    environment = models.CharField(max_length=64)
    release = models.CharField(max_length=250, blank=True)
    started_at = models.DateTimeField()
    seconds = models.FloatField(null=True)
    status = models.CharField(max_length=32, blank=True)
    is_failed = models.BooleanField(default=False)
    has_error = models.BooleanField(default=False, help_text="an error event of its trace was known when it came")
    is_linked = models.BooleanField(default=False, help_text="a telling part of its trace was kept when it came")
    is_new = models.BooleanField(default=False)
    weight = models.FloatField(default=1.0)
    span_count = models.IntegerField(default=0)
    kept_for = models.CharField(max_length=8, choices=KeptFor.choices, default=KeptFor.SAMPLE)
    hour = models.IntegerField()
    draw = models.BigIntegerField()
    is_examined = models.BooleanField(default=False, db_default=False, help_text="looked through for findings")

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="kept_transaction_unread", condition=models.Q(is_examined=False)),
            models.Index(fields=["hour", "project"], name="kept_transaction_hour"),
            models.Index(fields=["trace_id"], name="kept_transaction_trace", condition=~models.Q(trace_id="")),
            models.Index(fields=["project", "event_id"], name="kept_transaction_event"),
            models.Index(fields=["project", "name", "-started_at"], name="kept_transaction_newest"),
        ]

    def __str__(self) -> str:
        return self.name


class KeptTransactionPayload(models.Model):
    transaction = models.OneToOneField(
        KeptTransaction, primary_key=True, on_delete=models.CASCADE, related_name="stored"
    )
    data = models.BinaryField(help_text="zstd level 3 of the scrubbed JSON document")

    def __str__(self) -> str:
        return f"payload of {self.transaction_id}"
