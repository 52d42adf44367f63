from typing import Any

import orjson
from django.db import models

from debugging.choices import BatchKind, BatchState, ReplayState, Reproduced, TargetKind
from debugging.models.sessions import DebugSession
from debugging.models.targets import ReplayTarget
from tradewatch.core.encryption import EncryptedTextField


class ReplayBatch(models.Model):
    """Many replays that one person asked for at once: a matrix of variants, or the search for the smallest body.

    Whoever works on it holds it until `claimed_until`. `result` of a shrink: the smallest body and how it was found.
    """

    session = models.ForeignKey(DebugSession, on_delete=models.CASCADE, related_name="batches", db_index=False)
    target = models.ForeignKey(ReplayTarget, null=True, on_delete=models.SET_NULL, related_name="batches")
    target_name = models.CharField(max_length=100)
    kind = models.CharField(max_length=6, choices=BatchKind.choices)
    state = models.CharField(max_length=9, choices=BatchState.choices, default=BatchState.QUEUED)
    total = models.PositiveIntegerField(default=0, help_text="Variants of a matrix; at most so many tries of a shrink.")
    asked = EncryptedTextField(help_text="JSON of what was asked: it may name secrets.")
    result = models.JSONField(default=dict)
    fault = models.CharField(max_length=500, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=200)
    requested_kind = models.CharField(max_length=8)
    requested_id = models.BigIntegerField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "replay batches"
        indexes = [
            models.Index(fields=["session", "-id"], name="batch_of_session"),
            models.Index(fields=["state", "claimed_until"], name="batch_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.session_id} at {self.target_name}"


class Replay(models.Model):
    """One request that was sent again, or waits to be: what was sent without secrets, what came back, what differed.

    `request` {"method", "url", "headers": [[name, value]], "body", "removed": [what is not known any more]};
    `response` see `replays.outcome`; `diff` see `replays.comparing`. `trace_id` is the one
    that the replay began: an error of the target carries it.
    """

    session = models.ForeignKey(DebugSession, on_delete=models.CASCADE, related_name="replays", db_index=False)
    target = models.ForeignKey(ReplayTarget, null=True, on_delete=models.SET_NULL, related_name="replays")
    target_name = models.CharField(max_length=100)
    target_kind = models.CharField(max_length=10, choices=TargetKind.choices)
    batch = models.ForeignKey(ReplayBatch, null=True, blank=True, on_delete=models.CASCADE, related_name="replays")
    position = models.PositiveIntegerField(default=0, help_text="Within its batch, from 0.")
    title = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=ReplayState.choices, default=ReplayState.QUEUED)
    asked = EncryptedTextField(default="{}", help_text="JSON of the modifications: they may name secrets.")
    request = models.JSONField(default=dict)
    response = models.JSONField(null=True, blank=True)
    diff = models.JSONField(null=True, blank=True)
    fault = models.CharField(max_length=500, blank=True, help_text="Why there is no answer, or why it was refused.")
    trace_id = models.CharField(max_length=32, blank=True)
    reproduced = models.CharField(max_length=7, choices=Reproduced.choices, default=Reproduced.PENDING)
    reproduced_why = models.CharField(max_length=300, blank=True, help_text="What that was told by.")
    event_id = models.UUIDField(null=True, blank=True, help_text="Of the error that came back.")
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=200)
    requested_kind = models.CharField(max_length=8)
    requested_id = models.BigIntegerField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "position"], condition=~models.Q(batch=None), name="replay_once_in_batch"
            )
        ]
        indexes = [
            models.Index(fields=["session", "-id"], name="replay_of_session"),
            models.Index(fields=["trace_id"], name="replay_trace", condition=~models.Q(trace_id="")),
            models.Index(fields=["state", "reproduced"], name="replay_unsettled"),
        ]

    def __str__(self) -> str:
        return f"replay {self.pk} at {self.target_name}"

    @property
    def modifications(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.asked or "{}")
        return found
