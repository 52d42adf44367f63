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


class Verdict(models.TextChoices):
    """How an environment does after a deployment. Insufficient: too little traffic to tell either way."""

    HEALTHY = "healthy", "Healthy"
    UNHEALTHY = "unhealthy", "Unhealthy"
    INSUFFICIENT = "insufficient", "Insufficient data"


class RollbackOpening(models.TextChoices):
    """Who began it. Redeploy: nobody asked, an older version was deployed again."""

    HAND = "hand", "By hand"
    VERDICT = "verdict", "From a verdict's offer"
    REDEPLOY = "redeploy", "An older version was deployed again"


class RollbackState(models.TextChoices):
    """Deployed: the older version is out, and its health is still to be tested. Withdrawn: it was called off.

    Unverified: it is out, and nobody could tell whether it helped: too little traffic, or the next one came first.
    """

    REQUESTED = "requested", "Requested"
    DEPLOYED = "deployed", "Deployed"
    VERIFIED = "verified", "Verified"
    FAILED = "failed", "Did not help"
    UNVERIFIED = "unverified", "Not verified"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Decision(models.TextChoices):
    GO = "go", "Go"
    WARN = "warn", "Warn"
    NO_GO = "no_go", "No go"


class WindowRule(models.TextChoices):
    """Outside and inside are of a market's session; times are of the week."""

    OUTSIDE_SESSION = "outside_session", "Only outside the market's session"
    INSIDE_SESSION = "inside_session", "Only inside the market's session"
    TIMES = "times", "Only at these times of the week"


class RepositoryHost(models.TextChoices):
    """Whose pages of commits and comparisons are linked to."""

    NONE = "", "No links"
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    BITBUCKET = "bitbucket", "Bitbucket"
    GITEA = "gitea", "Gitea, Forgejo"


class FileChange(models.TextChoices):
    """As `git log --name-status` says it."""

    ADDED = "A", "Added"
    MODIFIED = "M", "Modified"
    DELETED = "D", "Deleted"
    RENAMED = "R", "Renamed"
