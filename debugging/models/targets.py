from django.db import models
from django.db.models import Q

from debugging.choices import SecretPlace, TargetKind
from tradewatch.core.encryption import EncryptedTextField
from tradewatch.projects.models import Project


class ReplayTarget(models.Model):
    """Where requests of a project may be sent again. What is not listed is sent nowhere; nothing overrides that."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="replay_targets", db_index=False)
    name = models.CharField(max_length=100, help_text="By which a replay names it.")
    kind = models.CharField(max_length=10, choices=TargetKind.choices)
    base_url = models.CharField(
        "address", max_length=500, help_text="https://host[:port][/prefix]: the captured path is put behind it."
    )
    allows_internal = models.BooleanField(
        "internal target",
        default=False,
        help_text="The host named here may have a private address. Only an administrator sets this, and from then on "
        "only an administrator changes the target.",
    )
    allows_unsafe = models.BooleanField(
        "unsafe methods", default=False, help_text="POST, PUT, PATCH and DELETE may be sent there, which change things."
    )
    verifies_tls = models.BooleanField("verify the certificate", default=True)
    timeout_seconds = models.PositiveSmallIntegerField(default=10, help_text="For the whole request, 1 to 60 s.")
    most_at_once = models.PositiveSmallIntegerField(
        default=5, help_text="So many requests of a matrix at the same time, 1 to 20."
    )
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    class Meta:
        ordering = ["project", "name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="replay_target_once"),
            models.CheckConstraint(condition=~Q(name=""), name="replay_target_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TargetSecret(models.Model):
    """What a target needs and the SDK has removed: put into each request that is sent there, and shown nowhere."""

    target = models.ForeignKey(ReplayTarget, on_delete=models.CASCADE, related_name="secrets", db_index=False)
    place = models.CharField(max_length=6, choices=SecretPlace.choices, default=SecretPlace.HEADER)
    name = models.CharField(max_length=200, help_text="Of the header, parameter or cookie; in a body, a JSON pointer.")
    value = EncryptedTextField()

    class Meta:
        ordering = ["target", "place", "name"]
        constraints = [models.UniqueConstraint(fields=["target", "place", "name"], name="target_secret_once")]

    def __str__(self) -> str:
        return f"{self.get_place_display()} {self.name}"
