from django.conf import settings
from django.db import models

from tradewatch.accounts.devices import device_words


class SessionRecord(models.Model):
    """What is known of one login, beside Django's session. The key is a credential: only its SHA-256 stands here.

    `ended_at` ends the session at its next request, and its sockets at their next check.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="session_records")
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "session"
        ordering = ["-last_seen_at"]

    def __str__(self) -> str:
        return f"{self.user} on {self.device}"

    @property
    def device(self) -> str:
        return device_words(self.user_agent)
