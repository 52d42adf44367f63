from django.db import models

from releases.choices import Verdict
from releases.models.deployments import Deployment


class DeploymentLook(models.Model):
    """What was seen `minutes` after a deployment's end, against the same stretch before. Written once, never changed.

    `evidence`: the stretches compared, a finding for each endpoint, new issues; see `releases.verdicts.evidence`.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="looks")
    minutes = models.PositiveSmallIntegerField()
    looked_at = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    summary = models.CharField(max_length=500)
    evidence = models.JSONField()

    class Meta:
        ordering = ["deployment", "minutes"]
        constraints = [models.UniqueConstraint(fields=["deployment", "minutes"], name="look_once")]

    def __str__(self) -> str:
        return f"{self.deployment} after {self.minutes} min: {self.get_verdict_display()}"
