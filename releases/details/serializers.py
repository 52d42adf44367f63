"""What is told of a release, as the API shows and takes it."""

from typing import Any

from rest_framework import serializers

from releases.commits.serializers import AuthorAnswer
from releases.health.serializers import ReleaseRow
from releases.models import ReleaseArtifact


class ArtifactAnswer(serializers.ModelSerializer[ReleaseArtifact]):
    dist = serializers.CharField(allow_blank=True, help_text="empty: of any distribution")

    class Meta:
        model = ReleaseArtifact
        fields = ["id", "name", "dist", "size", "sha1", "headers", "created_at"]


class ReleaseTold(serializers.Serializer[Any]):
    """Null and empty where nobody told anything of the release."""

    id = serializers.IntegerField()
    project = serializers.CharField()
    version = serializers.CharField()
    ref = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    page_url = serializers.CharField(help_text="of its page in TradeWatch")
    created_at = serializers.DateTimeField(allow_null=True, help_text="when it was first told of")
    created_by = serializers.CharField(allow_blank=True)
    finalised_at = serializers.DateTimeField(allow_null=True, help_text="null: not said to be complete")
    archived_at = serializers.DateTimeField(allow_null=True, help_text="null: it is not archived")


class OneReleaseAnswer(ReleaseTold, ReleaseRow):
    commits = serializers.IntegerField(help_text="how many it is made of")
    authors = AuthorAnswer(many=True)
    artifacts = ArtifactAnswer(many=True, help_text="the first 200 by name")
    artifact_bytes = serializers.IntegerField(help_text="of all its artifacts together")


class ReleaseRequest(serializers.Serializer[Any]):
    version = serializers.CharField()
    ref = serializers.CharField(required=False, allow_blank=True, allow_null=True, help_text="branch, tag or commit")
    url = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    project = serializers.CharField(required=False, help_text="id or slug; without: the token's only one, else default")


class FinaliseRequest(serializers.Serializer[Any]):
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="without: now. The first time holds")
