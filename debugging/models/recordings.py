from django.db import models
from django.urls import reverse

from debugging.choices import RefKind
from tradewatch.projects.models import Project


class BrowserReplay(models.Model):
    """One recording of a browser's tab, as @sentry/browser names it. Its segments come in any order, or never.

    `urls` {segment: [visited there]}; `facts` what the SDK said of user, browser, system and device. All scrubbed.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="browser_replays", db_index=False)
    replay_id = models.UUIDField()
    kind = models.CharField(max_length=10, blank=True, help_text="session: from the start; buffer: around an error.")
    environment = models.CharField(max_length=64)
    release = models.CharField(max_length=250, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    received_at = models.DateTimeField(help_text="When something of it came last.")
    urls = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    segment_count = models.PositiveIntegerField("segments", default=0)
    event_count = models.PositiveBigIntegerField("events", default=0)
    stored_bytes = models.PositiveBigIntegerField("bytes", default=0)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["project", "replay_id"], name="browser_replay_once")]
        indexes = [
            models.Index(fields=["project", "-started_at", "-id"], name="browser_replay_newest"),
            models.Index(fields=["project", "received_at"], name="browser_replay_oldest"),
            models.Index(fields=["received_at"], name="browser_replay_age"),
            # Summed for every segment that comes: read from here, the rows are wide.
            models.Index(fields=["project", "stored_bytes"], name="browser_replay_bytes"),
        ]

    def __str__(self) -> str:
        return f"replay {self.replay_id.hex[:8]}"

    def get_absolute_url(self) -> str:
        return reverse("debug-recording-page", args=[self.pk])

    @property
    def visited(self) -> list[str]:
        """The addresses in the order of the segments, each once in a row."""
        found: list[str] = []
        for segment in sorted(self.urls, key=int):
            found += [url for url in self.urls[segment] if not found or url != found[-1]]
        return found


class BrowserReplaySegment(models.Model):
    """A part of a recording. `refused` says why its events are not kept; then `data` is empty.

    `timeline` is what a person reads of it, see `recordings.timeline`; `counts` how many there were of each kind.
    """

    replay = models.ForeignKey(BrowserReplay, on_delete=models.CASCADE, related_name="segments", db_index=False)
    number = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    event_count = models.PositiveIntegerField(default=0)
    plain_bytes = models.PositiveBigIntegerField(default=0, help_text="Of the events as JSON.")
    counts = models.JSONField(default=dict)
    timeline = models.JSONField(default=list)
    refused = models.CharField(max_length=100, blank=True)
    data = models.BinaryField(help_text="zstd level 3 of a JSON list: the events of rrweb, scrubbed")

    class Meta:
        ordering = ["replay", "number"]
        constraints = [models.UniqueConstraint(fields=["replay", "number"], name="browser_replay_segment_once")]

    def __str__(self) -> str:
        return f"segment {self.number}"


class BrowserReplayRef(models.Model):
    """What the recording names: errors that were sent while it ran, traces that it began."""

    replay = models.ForeignKey(BrowserReplay, on_delete=models.CASCADE, related_name="refs", db_index=False)
    kind = models.CharField(max_length=5, choices=RefKind.choices)
    value = models.UUIDField(help_text="Id of the event or trace.")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["replay", "kind", "value"], name="browser_replay_ref_once")]
        indexes = [models.Index(fields=["kind", "value"], name="browser_replay_ref")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value.hex}"
