"""Commits as the API shows them, and the shape that it takes them in (read by `asked`)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from releases.commits.asked import MOST_COMMITS
from releases.commits.links import commit_url
from releases.commits.queries import Author
from releases.models import CommitFile, ReleaseCommit


class FileRequest(serializers.Serializer[Any]):
    path = serializers.CharField()
    type = serializers.CharField(required=False, help_text="A added, M modified (without one), D deleted, R renamed")


class CommitRequest(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="7 to 64 hexadecimal digits; the whole hash is best")
    message = serializers.CharField(required=False, allow_blank=True, help_text="whole, with body and footers")
    author_name = serializers.CharField(required=False, allow_blank=True)
    author_email = serializers.CharField(required=False, allow_blank=True)
    timestamp = serializers.DateTimeField(required=False, allow_null=True)
    parents = serializers.ListField(child=serializers.CharField(), required=False)
    files = FileRequest(many=True, required=False, help_text="`patch_set` is understood too")


class CommitsRequest(serializers.Serializer[Any]):
    version = serializers.CharField()
    repository = serializers.CharField(help_text="owner/name")
    url = serializers.CharField(required=False, help_text="of its page, or to clone it: commits link there")
    commits = CommitRequest(many=True, help_text=f"the newest first; up to {MOST_COMMITS}")
    replace = serializers.BooleanField(default=False, help_text="the release is made of these and no others")
    project = serializers.CharField(required=False, help_text="id or slug; without: the token's only one, else default")


class CommitsKept(serializers.Serializer[Any]):
    project = serializers.CharField()
    version = serializers.CharField()
    repository = serializers.CharField()
    added = serializers.IntegerField(help_text="of those told, how many the release had not")
    total = serializers.IntegerField(help_text="how many the release is made of now")
    url = serializers.CharField(help_text="of the release's page")


class FileAnswer(serializers.ModelSerializer[CommitFile]):
    type = serializers.CharField(source="change")

    class Meta:
        model = CommitFile
        fields = ["path", "type"]


class CommitAnswer(serializers.Serializer[ReleaseCommit]):
    id = serializers.CharField(source="commit.sha")
    repository = serializers.CharField(source="commit.repository.name")
    version = serializers.CharField(source="release.version")
    message = serializers.CharField(source="commit.message")
    author_name = serializers.CharField(source="commit.author_name")
    author_email = serializers.CharField(source="commit.author_email")
    timestamp = serializers.DateTimeField(source="commit.committed_at", allow_null=True)
    parents = serializers.ListField(child=serializers.CharField(), source="commit.parents")
    files = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="at the repository's host; empty where that is not known")

    @extend_schema_field(FileAnswer(many=True))
    def get_files(self, row: ReleaseCommit) -> Any:
        return FileAnswer(self.context["files"][row.commit_id], many=True).data

    def get_url(self, row: ReleaseCommit) -> str:
        return commit_url(row.commit.repository, row.commit.sha)


class AuthorAnswer(serializers.Serializer[Author]):
    name = serializers.CharField()
    email = serializers.CharField()
    commits = serializers.IntegerField()


class CommitPage(serializers.Serializer[None]):
    results = CommitAnswer(many=True)
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField()
    authors = AuthorAnswer(many=True, help_text="of all of them, whoever wrote most first")


class CommitQuery(serializers.Serializer[None]):
    version = serializers.CharField()
