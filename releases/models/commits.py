from django.db import models

from releases.choices import FileChange, RepositoryHost
from tradewatch.projects.models import Project, Release


class Repository(models.Model):
    """Where commits come from: a repository on disk, or a name that CI and sentry-cli tell commits of."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="repositories")
    name = models.CharField(max_length=200, help_text="As sentry-cli names it: owner/name.")
    url = models.URLField(max_length=500, blank=True, help_text="Of its page at the host, for links.")
    host = models.CharField(max_length=10, choices=RepositoryHost.choices, default=RepositoryHost.NONE)
    path = models.CharField(
        max_length=500, blank=True, help_text="On this machine's disk, within TRADEWATCH_GIT_ROOTS. Empty: none."
    )
    created_at = models.DateTimeField()
    read_asked_at = models.DateTimeField(null=True, blank=True, help_text="When somebody asked to read it now.")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When it was read last.")
    read_fault = models.CharField(max_length=300, blank=True, help_text="What was wrong then.")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "repositories"
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="repository_named_once")]

    def __str__(self) -> str:
        return self.name


class Commit(models.Model):
    """A commit as it was told or read. `parents` empty: it has none, or nobody told them."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="commits")
    sha = models.CharField(max_length=64)
    parents = models.JSONField(default=list, blank=True)
    author_name = models.CharField(max_length=200, blank=True)
    author_email = models.CharField(max_length=254, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository", "sha"], name="commit_once")]

    def __str__(self) -> str:
        return f"{self.sha[:7]} {self.subject}"

    @property
    def subject(self) -> str:
        return self.message.strip().split("\n", 1)[0]


class CommitFile(models.Model):
    """A path that a commit changed, as git gives it: relative to the repository, with slashes."""

    commit = models.ForeignKey(Commit, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1000)
    change = models.CharField(max_length=1, choices=FileChange.choices, default=FileChange.MODIFIED)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commit", "path"], name="commit_file_once")]

    def __str__(self) -> str:
        return self.path


class ReleaseCommit(models.Model):
    """A commit of a release; `position` 0 is the newest."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="release_commits")
    commit = models.ForeignKey(Commit, on_delete=models.CASCADE, related_name="release_commits")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["release", "position"]
        constraints = [models.UniqueConstraint(fields=["release", "commit"], name="release_commit_once")]

    def __str__(self) -> str:
        return f"{self.release} {self.commit}"
