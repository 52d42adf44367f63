from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from tradewatch.core.encryption import EncryptedTextField, is_stored
from tradewatch.ingest.relay.choices import DEFAULT_KINDS, SHARED, UpstreamState
from tradewatch.ingest.relay.faults import faults_in
from tradewatch.projects.models import Project

RATES = ("error_sample_rate", "trace_sample_rate", "profile_sample_rate")


def default_kinds() -> list[str]:
    return sorted(str(kind) for kind in DEFAULT_KINDS)


class RelaySettings(models.Model):
    """What of a project is relayed, and whereto. A project without a row has the defaults."""

    project = models.OneToOneField(Project, primary_key=True, on_delete=models.CASCADE, related_name="relay_settings")
    is_enabled = models.BooleanField("relay", default=True, help_text="Off: nothing of this project is relayed.")
    kinds = models.JSONField(default=default_kinds, help_text="What is relayed.")
    error_sample_rate = models.FloatField(
        "share of errors", default=1.0, help_text="From 0 to 1, by trace: all of a trace goes, or nothing."
    )
    trace_sample_rate = models.FloatField(
        "share of transactions", null=True, blank=True, help_text="From 0 to 1; empty: SENTRY_TRACES_SAMPLE_RATE."
    )
    profile_sample_rate = models.FloatField(
        "share of profiles",
        null=True,
        blank=True,
        help_text="Of the transactions that are relayed, from 0 to 1; empty: SENTRY_PROFILES_SAMPLE_RATE.",
    )
    dsn = EncryptedTextField(
        "own upstream", blank=True, default="", help_text="A DSN, instead of the one that SENTRY_DSN names."
    )
    allows_internal = models.BooleanField(
        "internal upstream",
        default=False,
        help_text="The host named here may have a private address. Only an administrator sets this, and from then on "
        "only an administrator changes the upstream.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "relay settings"

    def __str__(self) -> str:
        return f"relay settings of {self.project}"

    @property
    def has_own_upstream(self) -> bool:
        """Say whether it names one, be it under a key that is not named here: then nothing goes to another."""
        return is_stored(self.dsn)

    def clean(self) -> None:
        """Say beside the field what the service would refuse."""
        if faults := self.faults():
            raise ValidationError(faults)

    def faults(self) -> dict[str, str]:
        """Return {field: what is wrong with it}."""
        return faults_in(
            kinds=self.kinds,
            dsn=self.dsn,
            rates={name: getattr(self, name) for name in RATES},
        )


class RelayUpstream(models.Model):
    """How an upstream does, and what waits for it. `id` is 0 for the one of SENTRY_DSN, else its project's.

    Locked before any of its entries: `entries` and `size` are exact. `sent`, `refused` and `dropped` are counts of
    entries by the upstream's category.
    """

    id = models.IntegerField(primary_key=True)
    state = models.CharField(max_length=8, choices=UpstreamState.choices, default=UpstreamState.IDLE)
    since = models.DateTimeField(null=True, help_text="of the state")
    detail = models.CharField(max_length=300, default="", blank=True, help_text="what was said last")
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    next_at = models.DateTimeField(null=True, help_text="nothing is sent before")
    limits = models.JSONField(default=dict, help_text="{category: until, in epoch seconds}; the empty one is all")
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, default="", blank=True)
    entries = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0, help_text="bytes in the spool")
    sent: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    refused: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    dropped: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    last_sent_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True, help_text="when alerts were told of it")

    class Meta:
        ordering = ["id"]
        verbose_name = "relay upstream"

    def __str__(self) -> str:
        return "SENTRY_DSN" if self.pk == SHARED else f"upstream of project {self.pk}"

    def add(self, field: str, category: str, count: int = 1) -> None:
        """Count; the caller saves the row."""
        counts: dict[str, Any] = getattr(self, field)
        counts[category] = counts.get(category, 0) + count


class RelayEntry(models.Model):
    """An envelope that waits to be relayed: scrubbed and packed, see `relay.parcels`."""

    upstream = models.IntegerField()
    project_id = models.IntegerField()
    category = models.CharField(max_length=16)
    received_at = models.FloatField(help_text="epoch seconds, by the edge")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="that failed while others went through")
    size = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["upstream", "category", "received_at", "id"], name="relay_entry_order")]
        verbose_name_plural = "relay entries"

    def __str__(self) -> str:
        return f"{self.category} {self.pk}"
