from django.db import models

from tradewatch.projects.models import Release


class ReleaseDetail(models.Model):
    """What was told of a release, beyond what its clients show. A release without a row was told nothing of."""

    release = models.OneToOneField(Release, primary_key=True, on_delete=models.CASCADE, related_name="detail")
    ref = models.CharField(max_length=250, blank=True)
    url = models.URLField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    finalised_at = models.DateTimeField(null=True, blank=True, help_text="When it was said to be complete.")
    archived_at = models.DateTimeField(null=True, blank=True, help_text="Left out of lists since.")

    class Meta:
        verbose_name = "release detail"

    def __str__(self) -> str:
        return f"detail of {self.release}"


class ReleaseArtifact(models.Model):
    """A file that was uploaded to a release."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="artifacts")
    name = models.CharField(max_length=500)
    dist = models.CharField(max_length=64, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    size = models.PositiveBigIntegerField()
    sha1 = models.CharField(max_length=40)
    content = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "name", "dist"], name="artifact_named_once")]

    def __str__(self) -> str:
        return self.name


class UploadedChunk(models.Model):
    """A part of an artifact that is being uploaded. Nobody but its owner (`token:5`) makes an artifact of it."""

    project_id = None  # of no project before it is a part of an artifact

    owner = models.CharField(max_length=40)
    sha1 = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha1"], name="chunk_once")]

    def __str__(self) -> str:
        return self.sha1
