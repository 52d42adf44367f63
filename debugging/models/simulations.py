from django.db import models

from debugging.models.sessions import DebugSession


class Simulation(models.Model):
    """An error of a session that was sent through the whole pipeline once more, without the application.

    `result` is what came of it: {"issue", "matches_original", "rules": [...]}; None until it was digested.
    """

    session = models.ForeignKey(DebugSession, on_delete=models.CASCADE, related_name="simulations", db_index=False)
    event_id = models.UUIDField(unique=True)
    changes = models.JSONField(default=dict)
    notify = models.BooleanField("page people", default=False)
    result = models.JSONField(null=True, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=200)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["session", "-id"], name="simulation_of_session")]

    def __str__(self) -> str:
        return f"simulation {self.event_id.hex}"
