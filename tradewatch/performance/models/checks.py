from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from alerts.choices import AlertSeverity
from tradewatch.core.encryption import EncryptedTextField
from tradewatch.performance.checks.choices import CheckKind, CheckState, Level, Method, RecordType
from tradewatch.projects.models import Project


class Check(models.Model):
    """A service that is asked on a clock. Which of the fields from `address` to `resolver` count depends on the kind:
    `checks.faults`.

    `next_due_at` is when it is asked next. Whoever asks it holds it until `claimed_until` under a `run_number` of its
    own: an answer under an older one is void.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="checks")
    name = models.CharField(max_length=100)
    environment = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=8, choices=CheckKind.choices)
    severity = models.CharField(max_length=8, choices=AlertSeverity.choices, default=AlertSeverity.ERROR)

    address = models.CharField(max_length=500, blank=True)
    connection = EncryptedTextField(blank=True)
    allows_internal = models.BooleanField(
        "internal target",
        default=False,
        help_text="The host named here may have a private address. Only an administrator sets this, and from then on "
        "only an administrator changes what is asked.",
    )
    method = models.CharField(max_length=7, choices=Method.choices, default=Method.GET)
    expected_statuses = models.CharField(max_length=100, default="200-299", help_text="E.g. 200-299, 401")
    body_contains = models.CharField(max_length=200, blank=True, help_text="A text in the first megabyte of the body.")
    body_pattern = models.CharField(max_length=200, blank=True, help_text="A regular expression (RE2) found in it.")
    expected_header = models.CharField(
        max_length=200, blank=True, help_text="Name: text that its value contains, e.g. Content-Type: json"
    )
    request_headers = EncryptedTextField(
        blank=True, help_text="Name: value, one a line. Not sent to another host when a redirect leads there."
    )
    follows_redirects = models.BooleanField(default=True, help_text="At most five; each passes the address guard.")
    uses_tls = models.BooleanField("TLS", default=False)
    verifies_tls = models.BooleanField(
        "verify the certificate", default=True, help_text="Off for a certificate of your own."
    )
    tls_days = models.PositiveSmallIntegerField(
        "certificate warning",
        null=True,
        blank=True,
        default=14,
        help_text="Alert when the certificate ends within so many days; empty: never.",
    )
    record_type = models.CharField(max_length=5, choices=RecordType.choices, default=RecordType.A)
    expected_answer = models.CharField(
        max_length=200, blank=True, help_text="One of the answers must be (for TXT: contain) this; empty: any."
    )
    resolver = models.CharField(
        max_length=100, blank=True, help_text="Address of the name server to ask; empty: the system's."
    )

    interval_seconds = models.PositiveIntegerField(default=60, help_text="10 s to a day.")
    timeout_seconds = models.PositiveIntegerField(default=10, help_text="For the whole run, 1 to 60 s.")
    retries = models.PositiveSmallIntegerField(
        default=2, help_text="Failures in a row, beyond the first, before it counts as down; 10 s apart."
    )
    recoveries = models.PositiveSmallIntegerField(
        default=1, help_text="Good answers in a row before it counts as up again."
    )
    slow_seconds = models.FloatField(null=True, blank=True, help_text="An answer that takes longer is slow.")

    state = models.CharField(max_length=8, choices=CheckState.choices, default=CheckState.UNKNOWN, editable=False)
    since = models.DateTimeField(null=True, blank=True, editable=False)
    known_at = models.DateTimeField(null=True, blank=True, editable=False)
    covered_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    off = models.PositiveIntegerField(default=0, editable=False)
    off_since = models.DateTimeField(null=True, blank=True, editable=False)
    unrun = models.PositiveIntegerField(default=0, editable=False)
    ran_at = models.DateTimeField(null=True, blank=True, editable=False)
    level = models.CharField(max_length=8, choices=Level.choices, blank=True, editable=False)
    detail = models.CharField(max_length=300, blank=True, editable=False)
    seconds = models.FloatField(null=True, blank=True, editable=False)
    tls_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    reported_at = models.DateTimeField(null=True, blank=True, editable=False)
    tls_reported_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    run_number = models.PositiveBigIntegerField(default=0, editable=False)
    paused_reason = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name", "environment"], name="check_once"),
            models.CheckConstraint(condition=Q(interval_seconds__gte=10), name="check_interval"),
            models.CheckConstraint(condition=Q(timeout_seconds__gte=1, timeout_seconds__lte=60), name="check_timeout"),
        ]
        indexes = [models.Index(fields=["next_due_at"], condition=Q(next_due_at__isnull=False), name="check_due")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/checks/{self.pk}"


class CheckResult(models.Model):
    """One run of a check: what was found, in words, and how long it took."""

    check_row = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="results", db_column="check_id")
    at = models.DateTimeField()
    level = models.CharField(max_length=8, choices=Level.choices)
    seconds = models.FloatField(null=True, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["check_row", "-at"], name="check_history"),
            models.Index(fields=["at"], name="check_result_age"),
        ]

    def __str__(self) -> str:
        return f"{self.level} at {self.at:%H:%M:%S}"


class CheckSpan(models.Model):
    """That a check was proven to be in a state from `started_at` to `ended_at`. Between two spans nothing is known.

    Spans of a check never overlap. The newest grows with each answer: uptime is exact without a row a run.
    """

    check_row = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="spans", db_column="check_id")
    state = models.CharField(max_length=8, choices=CheckState.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gte=models.F("started_at")), name="check_span_forward")
        ]
        indexes = [
            models.Index(fields=["check_row", "ended_at"], name="check_span_end"),
            models.Index(fields=["ended_at"], name="check_span_age"),
        ]

    def __str__(self) -> str:
        return f"{self.state} from {self.started_at:%H:%M:%S}"
