from typing import Any

import orjson
from django.conf import settings
from django.db import models

from tradewatch.core.encryption import EncryptedTextField
from tradewatch.projects.models import Project


class NotificationChannel(models.Model):
    """A place that messages go to: an address list, a Slack channel, a PagerDuty service, a webhook.

    `project` None: the whole installation may use it. The settings of its kind are one encrypted JSON object, because
    most of them are credentials.
    """

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="channels", help_text="Empty: all."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="own_channels",
        help_text="A person's own way to be reached, for their contact rules; empty: shared.",
    )
    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20)
    encrypted_settings = EncryptedTextField(blank=True, editable=False)
    is_enabled = models.BooleanField("enabled", default=True)
    sends_resolves = models.BooleanField(default=True, help_text="Tell here that something ended, too.")
    limit_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Messages a minute at most; what is above waits. Empty: what the kind allows."
    )
    title_template = models.CharField(max_length=500, blank=True, help_text="Jinja; empty: the usual title.")
    text_template = models.TextField(blank=True, help_text="Jinja; empty: the usual text.")
    last_answer = models.CharField(max_length=300, blank=True, editable=False)
    last_tested_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the kind; empty when they cannot be read any more."""
        try:
            read = orjson.loads(self.encrypted_settings)
        except orjson.JSONDecodeError:  # the empty text of what cannot be deciphered, too
            return {}
        return read if isinstance(read, dict) else {}

    @settings.setter
    def settings(self, values: dict[str, Any]) -> None:
        self.encrypted_settings = orjson.dumps(values).decode()
