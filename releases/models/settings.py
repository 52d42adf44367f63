from django.db import models

from tradewatch.core.encryption import EncryptedTextField
from tradewatch.projects.models import Project


class ReleaseSettings(models.Model):
    """What a project wants done about its deployments. A project without a row has the defaults."""

    project = models.OneToOneField(Project, primary_key=True, on_delete=models.CASCADE, related_name="release_settings")
    excludes_deployments = models.BooleanField(
        "leave deployments out of SLA figures",
        default=False,
        help_text="The time of each completed deployment, from start to end, leaves numerator and denominator of the "
        "SLA targets of its environment. Raw figures stay beside them. Counts from now on.",
    )
    rollback_url = models.URLField(
        "rollback webhook", max_length=500, blank=True, help_text="Of CI: told when a rollback is requested."
    )
    encrypted_rollback_secret = EncryptedTextField(blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "release settings"

    def __str__(self) -> str:
        return f"release settings of {self.project}"
