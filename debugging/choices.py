from django.db import models


class SessionState(models.TextChoices):
    """Resolved: the cause was found, the conclusion says it. Closed: nobody looks any further."""

    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"


class StepState(models.TextChoices):
    """What a person made of a step. What TradeWatch found is its finding."""

    TODO = "todo", "To do"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"


class Finding(models.TextChoices):
    """The answer to a step's question. Unknown: what it would be answered from is not there; the summary says what."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Unknown"


class StepKey(models.TextChoices):
    """The questions, in the order in which they are asked."""

    NEW_IN_RELEASE = "new_in_release", "New in this release"
    DEPLOYMENT = "deployment", "A deployment shortly before"
    COMMITS = "commits", "Commit that touched the frame"
    SHARED = "shared", "What failing requests share"
    SLOW = "slow", "Slow part of the trace"
    CHECKS = "checks", "A dependency failed its check"
    BURSTS = "bursts", "Other issues at the same time"


class EntryKind(models.TextChoices):
    OPENED = "opened", "Opened"
    LOOKED = "looked", "Looked again"
    OWNER = "owner", "Owner"
    TITLE = "title", "Title"
    STATE = "state", "State"
    CONCLUSION = "conclusion", "Conclusion"
    STEP = "step", "Step"
    NOTE = "note", "Note"
    REPLAY = "replay", "Replay"
    SIMULATION = "simulation", "Simulation"
    EXPORT = "export", "Export"
    VERIFIED = "verified", "Fix verified"


class TargetKind(models.TextChoices):
    """What a replay target is. Production: nothing is sent there without a second person."""

    LOCAL = "local", "Local"
    STAGING = "staging", "Staging"
    PRODUCTION = "production", "Production"


class SecretPlace(models.TextChoices):
    """Where a target's secret goes into a request. In a body it is named by a JSON pointer (RFC 6901)."""

    HEADER = "header", "Header"
    QUERY = "query", "Query parameter"
    COOKIE = "cookie", "Cookie"
    BODY = "body", "Body"


class ReplayState(models.TextChoices):
    """Unknown: whoever sent it ended before it knew the answer; it is not sent again by itself."""

    WAITING = "waiting", "Waits for a second person"
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    ANSWERED = "answered", "Answered"
    FAILED = "failed", "No answer"
    REFUSED = "refused", "Refused"
    CANCELLED = "cancelled", "Cancelled"
    UNKNOWN = "unknown", "Unknown"


class Reproduced(models.TextChoices):
    """Whether the same error came back: found in our own stream by the trace that the replay began.

    Other: an error came, but not this one. Pending: an answer came, the stream is still waited for. Unknown: nothing of
    the trace came within that time, so that the lack of an error tells nothing.
    """

    PENDING = "pending", "Not known yet"
    YES = "yes", "Yes"
    OTHER = "other", "Another error"
    NO = "no", "No"
    UNKNOWN = "unknown", "Unknown"


class BatchKind(models.TextChoices):
    MATRIX = "matrix", "Matrix"
    SHRINK = "shrink", "Shrink"


class BatchState(models.TextChoices):
    WAITING = "waiting", "Waits for a second person"
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class PatternKind(models.TextChoices):
    """What recurs. Each has a floor beneath which nothing is said: see `patterns`."""

    SHARE = "share", "Over-represented"
    BURST = "burst", "Burst"
    PERIODIC = "periodic", "Periodic"
    TOGETHER = "together", "Comes together"
    SIMILAR = "similar", "Similar message"


class RefKind(models.TextChoices):
    """What a recording of a browser names."""

    ERROR = "error", "error"
    TRACE = "trace", "trace"
