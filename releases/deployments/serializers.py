"""Deployments as the API shows and takes them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from releases.choices import DeploymentState
from releases.health.serializers import HealthAnswer
from releases.models import Deployment
from releases.verdicts.queries import VerdictShape, looks_of, verdict_of
from releases.verdicts.serializers import FullLookAnswer, LookAnswer, VerdictAnswer


class PreviousAnswer(serializers.Serializer[Deployment]):
    deployment_id = serializers.IntegerField(source="pk")
    version = serializers.SerializerMethodField(help_text="null: nothing has named it")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_version(self, row: Deployment) -> str | None:
        return row.version or None


class DeploymentAnswer(serializers.ModelSerializer[Deployment]):
    deployment_id = serializers.IntegerField(source="pk")
    project = serializers.CharField(source="project.slug")
    version = serializers.SerializerMethodField(help_text="null until the first event names it")
    status = serializers.ChoiceField(DeploymentState.choices, source="state")
    url = serializers.SerializerMethodField(help_text="of the pipeline, as given; else of its page")
    page_url = serializers.SerializerMethodField(help_text="of its page in TradeWatch")
    seconds = serializers.SerializerMethodField(help_text="null while it is in progress")
    previous = PreviousAnswer(allow_null=True, help_text="what succeeded there before it")
    verdict = serializers.SerializerMethodField(help_text="null: no look was taken")
    looks = serializers.SerializerMethodField(help_text="5, 15 and 60 minutes after its end")

    class Meta:
        model = Deployment
        fields = [
            "deployment_id", "project", "environment", "version", "version_source", "status", "commit", "ref", "url",
            "page_url", "deployed_by", "started_at", "finished_at", "seconds", "message", "previous", "verdict",
            "looks",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_version(self, row: Deployment) -> str | None:
        return row.version or None

    def get_url(self, row: Deployment) -> str:
        return row.url or self.get_page_url(row)

    def get_page_url(self, row: Deployment) -> str:
        return f"{settings.PUBLIC_URL}{row.get_absolute_url()}"

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_seconds(self, row: Deployment) -> float | None:
        return None if row.duration is None else row.duration.total_seconds()

    @extend_schema_field(VerdictAnswer(allow_null=True))
    def get_verdict(self, row: Deployment) -> VerdictShape | None:
        return verdict_of(row)

    @extend_schema_field(LookAnswer(many=True))
    def get_looks(self, row: Deployment) -> Any:
        return LookAnswer(looks_of(row), many=True).data


class FullDeploymentAnswer(DeploymentAnswer):
    """With what each look saw."""

    @extend_schema_field(FullLookAnswer(many=True))
    def get_looks(self, row: Deployment) -> Any:
        return FullLookAnswer(looks_of(row), many=True).data


class DeploymentPage(serializers.Serializer[None]):
    results = DeploymentAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class DeployedAnswer(serializers.Serializer[Any]):
    current = DeploymentAnswer(allow_null=True, help_text="the last that succeeded and was not rolled back")
    previous = DeploymentAnswer(allow_null=True, help_text="what ran before it, also one that was rolled back")
    in_progress = DeploymentAnswer(allow_null=True, help_text="the newest of those that have not ended")
    verdict = VerdictAnswer(allow_null=True, help_text="on the current one; null: no look was taken")
    seen = serializers.CharField(allow_null=True, help_text="the newest release that events came from")


class ReleaseAnswer(serializers.Serializer[Any]):
    version = serializers.CharField()
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    environments = serializers.ListField(child=serializers.CharField(), help_text="where clients of it were met")
    health = HealthAnswer(help_text="over the last 24 hours")


class ReleaseStatusAnswer(serializers.Serializer[Any]):
    project = serializers.CharField()
    environments = serializers.DictField(child=DeployedAnswer())
    releases = ReleaseAnswer(many=True, help_text="the 20 that were heard of last")


class StartRequest(serializers.Serializer[Any]):
    """Whatever is left out is empty; what a value may be is the service's to say."""

    environment = serializers.CharField()
    version = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    commit = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    ref = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    url = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    deployed_by = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    project = serializers.CharField(required=False, help_text="id or slug; without: the token's only one, else default")


class CompleteRequest(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")


class DeploymentQuery(serializers.Serializer[None]):
    status = serializers.ChoiceField(DeploymentState.choices, required=False)
    version = serializers.CharField(required=False)
