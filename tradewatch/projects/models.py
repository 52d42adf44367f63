from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from tradewatch.projects.choices import Role
from tradewatch.projects.rules import MOST_DAYS, fault_in_scrub_fields, fault_in_slug


def _days(what: str) -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=f"Days that {what} are kept; empty: as long as the installation keeps them.",
    )


class Project(models.Model):
    """One monitored application. Its integer id stands in the DSN; the first project's slug is `default`."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    keeps_ip_addresses = models.BooleanField(
        "keep IP addresses", default=False, help_text="Store users' IP addresses. Off: they are removed on arrival."
    )
    scrub_fields = models.JSONField(
        default=list, blank=True, help_text='Further field names whose values are removed, e.g. ["account_pin"].'
    )
    quota_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Errors and transactions accepted a minute; empty: no limit."
    )
    log_bytes_per_minute = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Bytes of log lines accepted a minute, not compressed; empty: no limit."
    )
    spike_limit_per_minute = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Events kept of one issue a minute; what comes above is counted, not stored. Empty: off.",
    )
    event_days = _days("events of issues")
    trace_days = _days("raw transactions and spans")
    log_days = _days("log lines")
    context_days = _days("contexts that no debugging session uses")
    recording_days = _days("recordings of browsers")
    attachment_days = _days("attachments and other items")
    event_budget_mb = models.PositiveIntegerField(
        "event budget in MB",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Documents of events kept, compressed; above it the least telling events go. Empty: no limit.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Say beside the field what a service would refuse."""
        faults = {"scrub_fields": fault_in_scrub_fields(self.scrub_fields), "slug": fault_in_slug(self.slug)}
        if found := {name: text for name, text in faults.items() if text}:
            raise ValidationError(found)


class ProjectKey(models.Model):
    """A DSN key. It lets a client send, never read."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="keys")
    public_key = models.CharField(max_length=32, unique=True)
    label = models.CharField(max_length=100, default="default")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.project} {self.label}"


class Environment(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="environments")
    name = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="environment_once")]

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """A version of a project's application. `order_key` sorts semver versions as text; empty where it is not semver."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="releases")
    version = models.CharField(max_length=250)
    order_key = models.CharField(max_length=250, default="", blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-first_seen_at"]
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="release_once")]

    def __str__(self) -> str:
        return self.version


class ReleaseSighting(models.Model):
    """That clients of an environment sent a release. `last_seen_at` is exact to a minute."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="sightings")
    environment = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "environment"], name="release_sighting_once")]

    def __str__(self) -> str:
        return f"{self.release} in {self.environment}"


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.role} of {self.project}"


class Team(models.Model):
    """People who own something together: issues are assigned to it, alerts name it as owner. It grants no rights."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="teams")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A bearer token for the REST API. Only the SHA-256 of its secret is stored; a person knows it by its `prefix`."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    projects = models.ManyToManyField(Project, blank=True, help_text="Empty: every project.")
    is_bound = models.BooleanField(
        default=False,
        editable=False,
        help_text="Reaches its projects alone, so that the token of a deleted project does not reach all others.",
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
