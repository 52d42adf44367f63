from django.db import models

from sla.choices import TargetState
from sla.models.targets import Target


class TargetNews(models.Model):
    """What alerts were last told of a target; empty: nothing is open. `burn` is page or ticket, the gravest since."""

    target = models.OneToOneField(Target, on_delete=models.CASCADE, primary_key=True, related_name="news")
    burn = models.CharField(max_length=6, blank=True)
    burn_told_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=TargetState.choices, blank=True)
    state_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "target news"

    def __str__(self) -> str:
        return f"{self.target_id}: {self.burn or 'no burn'}, {self.state or 'no state'}"
