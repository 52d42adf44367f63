from django.db import models

from alerts.models.windows import QuietHours


class Digest(models.Model):
    """What quiet hours held, told once before they end. One for each end; `items` names alerts by receiver.

    `items` maps `channel:target` to the ids of the alerts that this receiver would have been told of.
    """

    quiet_hours = models.ForeignKey(QuietHours, on_delete=models.CASCADE, related_name="digests")
    ends_at = models.DateTimeField(help_text="when the quiet hours end, e.g. the open of the market")
    made_at = models.DateTimeField()
    items = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["quiet_hours", "ends_at"], name="digest_once")]
        indexes = [models.Index(fields=["made_at"], name="digest_age")]

    def __str__(self) -> str:
        return f"{self.quiet_hours} until {self.ends_at:%d %b %H:%M}"
