from django.db import models

from tradewatch.performance.traces.choices import FindingKind
from tradewatch.projects.models import Project


class TraceFinding(models.Model):
    """What was found in the kept traces of one transaction: the same query or request, counted over all of them.

    `count` transactions had it, `failed_count` of those failed; it stood in `span_count` spans that took `seconds`
    together. `cost_seconds` is what would have been saved without it. The example is the costliest one.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    environment = models.CharField(max_length=64)
    transaction = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=FindingKind.choices)
    service = models.CharField(max_length=250, blank=True)
    op = models.CharField(max_length=64, blank=True)
    pattern = models.CharField(max_length=500, help_text="the query or request without literals and ids")
    identity = models.UUIDField(unique=True, editable=False, help_text="a hash of what it is counted under")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    first_release = models.CharField(max_length=250, blank=True)
    last_release = models.CharField(max_length=250, blank=True)
    count = models.BigIntegerField(default=0)
    failed_count = models.BigIntegerField(default=0)
    span_count = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    cost_seconds = models.FloatField(default=0.0)
    example_trace_id = models.CharField(max_length=32, blank=True)
    example_cost_seconds = models.FloatField(default=0.0)
    example_count = models.IntegerField(default=0, help_text="spans of it in the example")

    class Meta:
        verbose_name = "finding in traces"
        verbose_name_plural = "findings in traces"
        indexes = [
            models.Index(fields=["project", "-last_seen_at"], name="trace_finding_newest"),
            models.Index(fields=["last_seen_at"], name="trace_finding_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.transaction}"
