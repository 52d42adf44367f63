from django.db import models


class DeploymentState(models.TextChoices):
    """Abandoned: its end was never told. Rolled back: it went out, and an older version took its place."""

    IN_PROGRESS = "in_progress", "In progress"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    ROLLED_BACK = "rolled_back", "Rolled back"
    ABANDONED = "abandoned", "Abandoned"


class VersionSource(models.TextChoices):
    """How a deployment's version is known. `seen` is a guess, which the first event of a new release corrects."""

    GIVEN = "given", "Given"
    COMMIT = "commit", "Its commit"
    SEEN = "seen", "The newest release seen there"
    EVENT = "event", "The first event of a release"
    UNKNOWN = "unknown", "Not known yet"
