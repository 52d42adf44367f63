from typing import Any

import orjson
import zstandard
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from debugging.choices import EntryKind, Finding, SessionState, StepKey, StepState
from debugging.models.contexts import ErrorContext
from tradewatch.errors.models import Event, Issue
from tradewatch.projects.models import Project


class DebugSession(models.Model):
    """People looking for the cause of one error: a stored event, or a captured context, which it keeps from retention.

    One is open for an error at a time. `issue` is the error's, as it was when the session was opened.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="debug_sessions", db_index=False)
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.RESTRICT, related_name="debug_sessions")
    context = models.ForeignKey(
        ErrorContext, null=True, blank=True, on_delete=models.RESTRICT, related_name="debug_sessions"
    )
    issue = models.ForeignKey(Issue, null=True, blank=True, on_delete=models.SET_NULL, related_name="debug_sessions")
    title = models.CharField(max_length=250)
    environment = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=SessionState.choices, default=SessionState.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="debug_sessions"
    )
    conclusion = models.TextField(blank=True, help_text="What the cause was, in a person's words.")
    concluded_by = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=200, blank=True)
    looked_at = models.DateTimeField(help_text="When the steps were answered last.")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(event=None, context__isnull=False) | Q(event__isnull=False, context=None),
                name="session_of_one_error",
            ),
            models.CheckConstraint(
                condition=Q(state=SessionState.OPEN, closed_at=None)
                | (~Q(state=SessionState.OPEN) & Q(closed_at__isnull=False)),
                name="session_closes_with_its_state",
            ),
            models.UniqueConstraint(
                fields=["event"], condition=Q(state=SessionState.OPEN), name="session_open_once_of_event"
            ),
            models.UniqueConstraint(
                fields=["context"], condition=Q(state=SessionState.OPEN), name="session_open_once_of_context"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-opened_at", "-id"], name="session_newest"),
            models.Index(fields=["project", "state", "-opened_at", "-id"], name="session_by_state"),
            models.Index(fields=["state", "closed_at"], name="session_age"),
        ]

    def __str__(self) -> str:
        return f"DBG-{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("debug-session-page", args=[self.pk])

    @property
    def name(self) -> str:
        return f"DBG-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == SessionState.OPEN


class SessionSnapshot(models.Model):
    """What was stored of the error's moment beside its document when the session last looked: that too would expire."""

    session = models.OneToOneField(DebugSession, primary_key=True, on_delete=models.CASCADE, related_name="snapshot")
    data = models.BinaryField(help_text="zstd level 3 of JSON: the list of parts, see `contexts.parts`")

    def __str__(self) -> str:
        return f"snapshot of {self.session_id}"

    @property
    def parts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = orjson.loads(zstandard.decompress(bytes(self.data)))
        return found


class SessionStep(models.Model):
    """One question of the checklist. `finding`, `summary` and `evidence` are TradeWatch's; the rest is a person's."""

    session = models.ForeignKey(DebugSession, on_delete=models.CASCADE, related_name="steps", db_index=False)
    key = models.CharField(max_length=20, choices=StepKey.choices)
    position = models.PositiveSmallIntegerField()
    finding = models.CharField(max_length=8, choices=Finding.choices, default=Finding.UNKNOWN)
    summary = models.CharField(max_length=500)
    evidence = models.JSONField(default=dict, help_text="The figures that the summary was made of.")
    state = models.CharField(max_length=8, choices=StepState.choices, default=StepState.TODO)
    note = models.TextField(blank=True)
    by = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["session", "position"]
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="session_step_once")]

    def __str__(self) -> str:
        return f"{self.get_key_display()}: {self.get_finding_display()}"


class SessionEntry(models.Model):
    """What happened in a session, and who did it. Written once, never changed."""

    session = models.ForeignKey(DebugSession, on_delete=models.CASCADE, related_name="entries", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    text = models.TextField()
    actor_kind = models.CharField(max_length=8)
    actor_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "session entries"
        indexes = [models.Index(fields=["session", "-id"], name="session_trail")]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.text[:80]}"
