from django.db import models
from django.db.models.functions import Now

from sla.choices import Indicator
from tradewatch.projects.models import Project


class Measure(models.Model):
    """What is counted minute by minute, for every target version that asks the same.

    `definition` holds what its indicator needs (`sla.sources`), `identity` is a hash of all it counts. Before
    `exact_from` what is within a threshold was read from histograms: ±1%. Everything in [covered_from, collected_until)
    has been read from its source at least once.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sla_measures")
    environment = models.CharField(max_length=64, blank=True, help_text="Empty: all.")
    indicator = models.CharField(max_length=16, choices=Indicator.choices)
    definition = models.JSONField(default=dict)
    identity = models.UUIDField(unique=True, editable=False)
    exact_from = models.DateTimeField(null=True, blank=True)
    covered_from = models.DateTimeField(null=True, blank=True)
    collected_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.indicator} of {self.project_id}"


class MinuteBlock(models.Model):
    """The 1440 minutes of a UTC day of one measure, in columns (`sla.minutes.packing`).

    `bins` are the histograms of its half hours (`sla.minutes.spreads`), those of its minutes lie in `HourSpread`.

    `revision` grows with every change of what is in it, so that sums over it can be remembered.
    """

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="blocks", db_index=False)
    day = models.IntegerField(help_text="days since the epoch")
    revision = models.PositiveIntegerField(default=1)
    counts = models.BinaryField()
    bins = models.BinaryField(default=bytes)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "day"], name="sla_block_once")]
        indexes = [models.Index(fields=["day"], name="sla_block_age")]

    def __str__(self) -> str:
        return f"{self.measure_id}@{self.day}"


class HourSpread(models.Model):
    """The histograms of an hour's minutes of one measure. Apart from the block: few sums need them, and each minute of
    a busy day would rewrite all of it."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="spreads", db_index=False)
    hour = models.IntegerField(help_text="hours since the epoch")
    bins = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "hour"], name="sla_spread_once")]
        indexes = [models.Index(fields=["hour"], name="sla_spread_age")]

    def __str__(self) -> str:
        return f"{self.measure_id}@{self.hour}"
