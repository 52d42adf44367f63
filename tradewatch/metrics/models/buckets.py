from django.db import models


class Resolution(models.IntegerChoices):
    """Bucket lengths in seconds."""

    MINUTE = 60
    HOUR = 3600
    DAY = 86_400


class Bucket(models.Model):
    """What the kinds of bucket share: which series, where, and the interval [start, start + resolution).

    `start` is in epoch seconds: buckets are read and merged by arithmetic, never shown as they are.
    """

    project_id = models.IntegerField()
    environment = models.CharField(max_length=64)
    series = models.CharField(max_length=220)
    resolution = models.IntegerField(choices=Resolution.choices)
    start = models.BigIntegerField()

    class Meta:
        abstract = True


class Counter(Bucket):
    """An exact count; `weighted` is the same, each occurrence divided by the client's sample rate."""

    count = models.BigIntegerField(default=0)
    weighted = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "series", "resolution", "start", "environment"], name="counter_once"
            )
        ]
        indexes = [models.Index(fields=["resolution", "start"], name="counter_age")]

    def __str__(self) -> str:
        return f"{self.series}@{self.start}: {self.count}"


class Histogram(Bucket):
    """A log-bucket histogram of seconds: relative error 1% (gamma = 1.01 / 0.99). `bins` is msgpack {index: count}."""

    count = models.BigIntegerField(default=0)
    total = models.FloatField(default=0.0)
    bins = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "series", "resolution", "start", "environment"], name="histogram_once"
            )
        ]
        indexes = [models.Index(fields=["resolution", "start"], name="histogram_age")]

    def __str__(self) -> str:
        return f"{self.series}@{self.start}: {self.count}"


class SeriesSketch(Bucket):
    """Approximate number of distinct values of a series in an hour or day, such as the users of a release."""

    registers = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "series", "resolution", "start", "environment"], name="series_sketch_once"
            )
        ]
        indexes = [models.Index(fields=["resolution", "start"], name="series_sketch_age")]

    def __str__(self) -> str:
        return f"{self.series} of {self.project_id}@{self.start}"


class UserSketch(models.Model):
    """Approximate number of distinct users in an hour or day (HyperLogLog registers). Always shown with ≈."""

    project_id = models.IntegerField()
    environment = models.CharField(max_length=64)
    resolution = models.IntegerField(choices=Resolution.choices, default=Resolution.HOUR)
    start = models.BigIntegerField()
    registers = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "resolution", "start", "environment"], name="user_sketch_once"
            )
        ]

    def __str__(self) -> str:
        return f"users of {self.project_id}@{self.start}"
