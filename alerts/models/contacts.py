from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from alerts.choices import AlertSeverity, ContactMethod
from alerts.models.channels import NotificationChannel
from alerts.models.oncall import Schedule

MAX_DELAY_SECONDS = 24 * 3600


class ContactAddress(models.Model):
    """A further e-mail address of a person; used once its owner has opened the link that was mailed to it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_addresses")
    address = models.EmailField()
    verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["user", "address"], name="contact_address_once")]

    def __str__(self) -> str:
        return self.address

    def clean(self) -> None:
        validate_email(self.address)


class ContactRule(models.Model):
    """One way a person is reached. `severity` empty: for every severity that has no rule of its own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_rules")
    severity = models.CharField(
        max_length=8, choices=AlertSeverity.choices, blank=True, help_text="Empty: all that have no rule of their own."
    )
    method = models.CharField(max_length=8, choices=ContactMethod.choices, default=ContactMethod.EMAIL)
    address = models.ForeignKey(
        ContactAddress, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: the account's address."
    )
    channel = models.ForeignKey(
        NotificationChannel,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        help_text="One that belongs to the person.",
    )
    delay_seconds = models.PositiveIntegerField(default=0, help_text="Waits that long; 0: at once.")

    class Meta:
        ordering = ["delay_seconds", "id"]

    def __str__(self) -> str:
        return f"{self.get_method_display()} of {self.user}"

    def clean(self) -> None:
        faults: dict[str, str] = {}
        if self.method == ContactMethod.CHANNEL:
            if not self.channel or self.channel.owner_id != self.user_id:
                faults["channel"] = "choose a channel that belongs to this person"
            if self.address_id:
                faults["address"] = "leave empty with a channel"
        else:
            if self.channel_id:
                faults["channel"] = "leave empty with e-mail"
            if self.address and (self.address.user_id != self.user_id or not self.address.verified_at):
                faults["address"] = "must be a verified address of this person"
        if self.delay_seconds > MAX_DELAY_SECONDS:
            faults["delay_seconds"] = "at most a day, 86400"
        if faults:
            raise ValidationError(faults)


class FeedLink(models.Model):
    """An unguessable address of a calendar feed: of one schedule, or of all shifts of one person.

    Only the SHA-256 of its secret is stored; a person knows it by its `prefix`.
    """

    schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.CASCADE, related_name="feeds")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="feeds"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    prefix = models.CharField(max_length=8)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(schedule__isnull=False, person__isnull=True)
                | Q(schedule__isnull=True, person__isnull=False),
                name="feed_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.schedule or self.person} ({self.prefix}…)"
