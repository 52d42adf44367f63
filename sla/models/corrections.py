from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from sla.choices import CorrectionKind
from sla.models.targets import Target
from tradewatch.projects.models import Project


class Correction(models.Model):
    """Time that leaves numerator and denominator of a target, or of all of the project's; `withdrawn_at` ends that.

    Raw figures stay beside the adjusted ones, with `actor` and `reason`.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sla_corrections")
    target = models.ForeignKey(Target, null=True, blank=True, on_delete=models.CASCADE, related_name="corrections")
    environment = models.CharField(max_length=64, blank=True, help_text="Empty: all.")
    kind = models.CharField(max_length=16, choices=CorrectionKind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    actor = models.CharField(max_length=200)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    source_key = models.CharField(max_length=100, blank=True, editable=False, help_text="Of whoever pushed it, once.")
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sla_correction_forward"),
            models.UniqueConstraint(
                fields=["project", "source_key"], condition=~Q(source_key=""), name="sla_correction_source_once"
            ),
        ]
        indexes = [models.Index(fields=["project", "ends_at"], name="sla_correction_window")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_at:%Y-%m-%d %H:%M}"
