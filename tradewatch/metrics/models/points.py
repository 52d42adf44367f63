"""Metrics with attributes: what clients name themselves, and what hosts report (docs/metrics.md)."""

from django.db import models

from tradewatch.metrics.models.buckets import Resolution


class MetricType(models.TextChoices):
    COUNTER = "counter", "counter"
    GAUGE = "gauge", "gauge"
    DISTRIBUTION = "distribution", "distribution"


class Metric(models.Model):
    """A name with its type and unit. What differs in any of these is another metric: units are never mixed."""

    project_id = models.IntegerField()
    environment = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=12, choices=MetricType.choices)
    unit = models.CharField(max_length=40, blank=True)
    points = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project_id", "name", "environment", "type", "unit"], name="metric_once")
        ]

    def __str__(self) -> str:
        return self.name


class MetricSeries(models.Model):
    """One combination of attributes of a metric. `key` is a hash of them: buckets hold it without asking here first."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, db_index=False)
    key = models.BigIntegerField()
    attributes = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(help_text="The first point of the last day on which there was one.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "key"], name="metric_series_once")]
        indexes = [models.Index(fields=["last_seen_at"], name="metric_series_age")]

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.attributes.items())


class MetricBucket(models.Model):
    """All series of a metric in the interval [start, start + resolution), packed: see `metrics.points.cells`.

    One row a metric, not one a series: a year of hours of 500 series is 8,760 rows instead of 4.4 million, and a chart
    reads one row a point.
    """

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, db_index=False)
    resolution = models.IntegerField(choices=Resolution.choices)
    start = models.BigIntegerField()
    cells = models.BinaryField()
    bins = models.BinaryField()
    total_bins = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "resolution", "start"], name="metric_bucket_once")]
        indexes = [models.Index(fields=["resolution", "start"], name="metric_bucket_age")]

    def __str__(self) -> str:
        return f"{self.metric_id}@{self.start}"


class MetricFold(models.Model):
    """What the cap on series folded of one attribute in one hour: how many points, about how many values, and a few."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, db_index=False)
    start = models.BigIntegerField()
    attribute = models.CharField(max_length=64)
    points = models.BigIntegerField(default=0)
    registers = models.BinaryField()
    examples = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "start", "attribute"], name="metric_fold_once")]
        indexes = [models.Index(fields=["start"], name="metric_fold_age")]

    def __str__(self) -> str:
        return f"{self.attribute} of {self.metric_id}@{self.start}"


class MetricReceipt(models.Model):
    """That a container of points was counted: a second delivery of it changes nothing."""

    identity = models.UUIDField(unique=True)
    project_id = models.IntegerField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="metric_receipt_age")]

    def __str__(self) -> str:
        return str(self.identity)
