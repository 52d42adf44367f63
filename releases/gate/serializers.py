"""The gate, overrides and freezes as the API shows and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from releases.choices import Decision
from releases.models import Freeze, GateOverride


class ReasonAnswer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="as docs/gate.md lists them")
    decision = serializers.ChoiceField(Decision.choices, help_text="what it alone says; go: it is only said")
    blocks = serializers.BooleanField(help_text="false: it says no go, and an override lets it pass")
    overridden = serializers.BooleanField()
    text = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True, help_text="when it ends by itself; null: nobody knows")
    link = serializers.CharField(allow_null=True)


class OverrideInForce(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    version = serializers.CharField(allow_null=True, help_text="null: any")
    reason = serializers.CharField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class GateAnswerJson(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(Decision.choices)
    reasons = ReasonAnswer(many=True, help_text="what blocks first")
    retry_after = serializers.IntegerField(
        allow_null=True, help_text="seconds until no freeze or window blocks any more; null: none does, or nobody knows"
    )
    retry_at = serializers.DateTimeField(allow_null=True)
    project = serializers.CharField()
    environment = serializers.CharField()
    version = serializers.CharField(allow_null=True)
    asked_at = serializers.DateTimeField()
    simulated_at = serializers.DateTimeField(allow_null=True)
    override = OverrideInForce(allow_null=True, help_text="the one that lets pass what else would block")
    evidence = serializers.DictField(help_text="what the reasons were made of, at most 20 of each kind")


class GateOverrideRequest(serializers.Serializer[Any]):
    environment = serializers.CharField()
    version = serializers.CharField(required=False, allow_blank=True, allow_null=True, help_text="without: any")
    reason = serializers.CharField(help_text="at most 300 characters")
    minutes = serializers.IntegerField(help_text="1 to 1440")
    project = serializers.CharField(required=False, help_text="id or slug; without: the token's only one, else default")


class GateOverrideAnswer(serializers.ModelSerializer[GateOverride]):
    project = serializers.CharField(source="project.slug")
    version = serializers.SerializerMethodField(help_text="null: any")

    class Meta:
        model = GateOverride
        fields = [
            "id", "project", "environment", "version", "reason", "created_by", "created_at", "ends_at", "withdrawn_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_version(self, row: GateOverride) -> str | None:
        return row.version or None


class GateOverridePage(serializers.Serializer[Any]):
    results = GateOverrideAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class FreezeRequest(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="at most 120 characters")
    starts_at = serializers.CharField(help_text="ISO 8601; without an offset as a clock in `zone` shows it")
    ends_at = serializers.CharField(help_text="likewise")
    zone = serializers.CharField(required=False, default="UTC", help_text="America/New_York")
    environment = serializers.CharField(required=False, allow_blank=True, allow_null=True, help_text="without: all")
    reason = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    all_projects = serializers.BooleanField(required=False, default=False)
    project = serializers.CharField(required=False, help_text="id or slug; without: the token's only one, else default")


class FreezeAnswer(serializers.ModelSerializer[Freeze]):
    project = serializers.SerializerMethodField(help_text="null: all")
    environment = serializers.SerializerMethodField(help_text="null: all")

    class Meta:
        model = Freeze
        fields = [
            "id", "project", "environment", "name", "reason", "starts_at", "ends_at", "zone", "cancelled_at",
            "created_by",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_project(self, row: Freeze) -> str | None:
        return row.project.slug if row.project else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_environment(self, row: Freeze) -> str | None:
        return row.environment or None


class FreezePage(serializers.Serializer[Any]):
    results = FreezeAnswer(many=True)
    next = serializers.CharField(allow_null=True)
