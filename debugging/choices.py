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
