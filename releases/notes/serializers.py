"""What `/release/notes/{version}` takes and answers, for OpenAPI. The answer itself is made by `presenting`."""

from typing import Any

from rest_framework import serializers


class ReferenceAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.CharField(allow_null=True)


class NotedCommitAnswer(serializers.Serializer[Any]):
    sha = serializers.CharField()
    subject = serializers.CharField(help_text="without type and scope; one line of plain text")
    type = serializers.CharField(allow_null=True, help_text="in small letters; null: not a conventional commit")
    scope = serializers.CharField(allow_null=True)
    author = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True, help_text="of its page at the host; null: not known")
    breaking = serializers.BooleanField()
    breaking_changes = serializers.ListField(child=serializers.CharField())
    issues = ReferenceAnswer(many=True)


class SectionAnswer(serializers.Serializer[Any]):
    title = serializers.CharField()
    entries = NotedCommitAnswer(many=True)


class CountsAnswer(serializers.Serializer[Any]):
    commits = serializers.IntegerField(help_text="entries + 2 * reverted + merges")
    entries = serializers.IntegerField()
    reverted = serializers.IntegerField(help_text="pairs of a commit and its revert, both left out")
    merges = serializers.IntegerField(help_text="left out")
    contributors = serializers.IntegerField()


class RevertedAnswer(serializers.Serializer[Any]):
    sha = serializers.CharField()
    by = serializers.CharField(help_text="sha of its revert")


class ContributorAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    commits = serializers.IntegerField()


class TitledAnswer(serializers.Serializer[Any]):
    title = serializers.CharField()
    url = serializers.CharField()


class NotedIssuesAnswer(serializers.Serializer[Any]):
    resolved = TitledAnswer(many=True)
    new = TitledAnswer(many=True)


class NotedDeploymentAnswer(serializers.Serializer[Any]):
    environment = serializers.CharField()
    status = serializers.CharField()
    at = serializers.DateTimeField(help_text="of its end; its start while it is in progress")
    by = serializers.CharField()
    url = serializers.CharField()


class NotesAnswer(serializers.Serializer[Any]):
    version = serializers.CharField()
    previous = serializers.CharField(allow_null=True, help_text="null: nothing went out there before")
    environment = serializers.CharField()
    summary = serializers.CharField()
    sections = SectionAnswer(many=True)
    markdown = serializers.CharField()
    counts = CountsAnswer()
    reverted = RevertedAnswer(many=True)
    contributors = ContributorAnswer(many=True)
    issues = NotedIssuesAnswer()
    deployments = NotedDeploymentAnswer(many=True)
    compare_url = serializers.CharField(allow_null=True)
