"""What `/release/compare` takes and answers, for OpenAPI. The answer itself is made by `presenting`."""

from typing import Any

from rest_framework import serializers

from releases.deployments.serializers import DeploymentAnswer
from releases.health.serializers import HealthAnswer
from releases.notes.serializers import ContributorAnswer, SectionAnswer


class ComparedFigures(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    failed = serializers.IntegerField()
    error_rate = serializers.FloatField(allow_null=True, help_text="0 to 1, weighted by sample rates; null without any")
    p95_seconds = serializers.FloatField(allow_null=True)


class ComparedSide(serializers.Serializer[Any]):
    version = serializers.CharField()
    release_id = serializers.IntegerField(allow_null=True, help_text="null: no client sent anything of it")
    start = serializers.DateTimeField(allow_null=True, help_text="of its time in the environment; null: never there")
    end = serializers.DateTimeField(allow_null=True)
    health = HealthAnswer()
    requests = ComparedFigures()
    deployments = DeploymentAnswer(many=True, help_text="there, the newest first, each with its `verdict`")


class ComparedCommits(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="that `to` has and `from` has not")
    behind = serializers.IntegerField(help_text="that `from` has and `to` has not")
    sections = SectionAnswer(many=True)
    authors = ContributorAnswer(many=True)
    compare_url = serializers.CharField(allow_null=True)


class ComparedIssue(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    events = serializers.IntegerField()
    url = serializers.CharField()


class ComparedIssueGroup(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = ComparedIssue(many=True, help_text="the most frequent 20")


class ComparedIssues(serializers.Serializer[Any]):
    new = ComparedIssueGroup()
    regressed = ComparedIssueGroup()
    resolved = ComparedIssueGroup()


class ComparedEndpoint(serializers.Serializer[Any]):
    name = serializers.CharField()
    op = serializers.CharField()
    change = serializers.ChoiceField(
        ["new", "gone", "few", "failing", "slower", "recovered", "faster", "same"], help_text="of /performance"
    )
    to = ComparedFigures()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": ComparedFigures()}


class ComparisonAnswer(serializers.Serializer[Any]):
    environment = serializers.CharField()
    to = ComparedSide()
    commits = ComparedCommits()
    releases = serializers.ListField(child=serializers.CharField(), help_text="after `from`, up to `to`")
    issues = ComparedIssues()
    endpoints = ComparedEndpoint(many=True, help_text="the worst change first")

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": ComparedSide()}
