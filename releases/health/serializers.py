"""Releases and their health as the API shows them."""

from typing import Any

from rest_framework import serializers

from releases.health.figures import Health


class HealthAnswer(serializers.Serializer[Health]):
    sessions = serializers.IntegerField()
    errored = serializers.IntegerField(help_text="crashed ones included")
    crashed = serializers.IntegerField()
    users = serializers.IntegerField(help_text="about so many distinct ones (≈1.6%)")
    crashed_users = serializers.IntegerField(help_text="about so many who met a crash")
    crash_free_sessions = serializers.FloatField(allow_null=True, help_text="0 to 1; null without sessions")
    crash_free_users = serializers.FloatField(allow_null=True, help_text="0 to 1; null without users")
    adoption = serializers.FloatField(allow_null=True, help_text="its share of all sessions; null without any")
    user_adoption = serializers.FloatField(allow_null=True, help_text="its share of all users; null without any")


class ReleaseRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    project = serializers.CharField()
    version = serializers.CharField()
    package = serializers.CharField(allow_blank=True)
    version_kind = serializers.ChoiceField(["semver", "calendar", "hash", "other"])
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    environments = serializers.ListField(child=serializers.CharField(), help_text="where clients of it were met")
    health = HealthAnswer(help_text="over the window, 24 hours without one")


class ReleasePage(serializers.Serializer[None]):
    results = ReleaseRow(many=True)
    next = serializers.CharField(allow_null=True)


class HealthPoint(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    sessions = serializers.IntegerField()
    errored = serializers.IntegerField()
    crashed = serializers.IntegerField()


class ReleaseHealthAnswer(ReleaseRow):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    step_seconds = serializers.IntegerField(help_text="60 up to six hours, 3600 up to ten days, else 86400")
    series = HealthPoint(many=True, help_text="steps in which a session began; the others had none")


class ReleaseQuery(serializers.Serializer[None]):
    version = serializers.CharField(required=False, allow_blank=True)
    archived = serializers.ChoiceField(
        ["false", "true", "all"], required=False, help_text="false: without archived ones; true: these alone"
    )


class HealthQuery(serializers.Serializer[None]):
    version = serializers.CharField()
