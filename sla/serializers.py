"""Targets, versions and corrections as the API tells and takes them. Ratios are from 0 to 1, times in seconds."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from sla.choices import CalendarUnit, CorrectionKind, Direction, Indicator, TargetState, WindowKind
from sla.models import Correction, Target, TargetVersion
from sla.rules import PROMISED, VALUES
from sla.services.targets import Saved

_NUMBERS = (*VALUES, "slice_target", "objective")


def target_answer(target: Target, version: TargetVersion) -> dict[str, Any]:
    """Return a target with its newest version, flat, as it is written in a request too."""
    return {
        "id": target.pk,
        "metric_name": target.metric_name,
        "title": target.title,
        "project": target.project.slug,
        "is_default": target.is_default,
        "archived_at": target.archived_at,
        **version_answer(version),
        "url": f"{settings.PUBLIC_URL}{target.get_absolute_url()}",
    }


def saved_answer(saved: Saved) -> dict[str, Any]:
    """Return what a create or update says: the target as it is now."""
    return {**target_answer(saved.target, saved.version), "changed": saved.is_new, "warnings": saved.warnings}


def version_answer(version: TargetVersion) -> dict[str, Any]:
    """Return what a version promises, since when, by whom and why."""
    promised = {name: getattr(version, name) for name in (*PROMISED, "direction", "objective")}
    numbers = {name: None if promised[name] is None else float(promised[name]) for name in _NUMBERS}
    return {
        **promised,
        **numbers,
        "version": version.number,
        "valid_from": version.valid_from,
        "actor": version.actor,
        "reason": version.reason,
    }


class PromiseAnswer(serializers.Serializer[None]):
    indicator = serializers.ChoiceField(Indicator.choices)
    environment = serializers.CharField(help_text="empty: all")
    definition = serializers.DictField(help_text="what its indicator needs")
    direction = serializers.ChoiceField(Direction.choices)
    target_value = serializers.FloatField(help_text="a ratio from 0 to 1; seconds for a percentile")
    warning_threshold = serializers.FloatField()
    critical_threshold = serializers.FloatField()
    objective = serializers.FloatField(help_text="the share of good events that the budget is measured against")
    slice_seconds = serializers.IntegerField(allow_null=True)
    slice_target = serializers.FloatField(allow_null=True)
    counts_empty_slices = serializers.BooleanField()
    window = serializers.ChoiceField(WindowKind.choices)
    window_days = serializers.IntegerField(help_text="of a rolling window")
    window_unit = serializers.ChoiceField(CalendarUnit.choices, help_text="of calendar periods and market sessions")
    zone = serializers.CharField()
    market = serializers.CharField()
    excluded_times = serializers.CharField()
    least_events = serializers.IntegerField(help_text="burn alerts need so many in the long window")
    version = serializers.IntegerField()
    valid_from = serializers.DateTimeField()
    actor = serializers.CharField()
    reason = serializers.CharField()


class SlaTargetAnswer(PromiseAnswer):
    id = serializers.IntegerField()
    metric_name = serializers.CharField()
    title = serializers.CharField()
    project = serializers.CharField()
    is_default = serializers.BooleanField()
    archived_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField()


class SlaTargetDetail(SlaTargetAnswer):
    versions = PromiseAnswer(many=True, help_text="all of them, the newest first")


class SavedAnswer(SlaTargetAnswer):
    changed = serializers.BooleanField(help_text="false: it said all that already, and no version was made")
    warnings = serializers.ListField(child=serializers.CharField(), help_text="burn alerts that can never come")


class SlaTargetPage(serializers.Serializer[None]):
    results = SlaTargetAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class Strict(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a name misspelt would be a change that silently did not happen."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields) - {"project"})
        if unknown:
            raise serializers.ValidationError({name: ["is not a field of this request"] for name in unknown})
        return attrs


def _value(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=20, decimal_places=9, **more)


class _Values(Strict):
    target_value = _value(required=False)
    warning_threshold = _value(required=False)
    critical_threshold = _value(required=False)
    environment = serializers.CharField(required=False, allow_blank=True, max_length=64)
    definition = serializers.DictField(required=False)
    slice_seconds = serializers.IntegerField(required=False, allow_null=True)
    slice_target = _value(required=False, allow_null=True)
    counts_empty_slices = serializers.BooleanField(required=False)
    window = serializers.ChoiceField(WindowKind.choices, required=False)
    window_days = serializers.IntegerField(required=False)
    window_unit = serializers.ChoiceField(CalendarUnit.choices, required=False)
    zone = serializers.CharField(required=False, max_length=64)
    market = serializers.CharField(required=False, allow_blank=True, max_length=12)
    excluded_times = serializers.CharField(required=False, allow_blank=True, max_length=300)
    least_events = serializers.IntegerField(required=False, min_value=0, max_value=2_147_483_647)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)


class TargetUpdate(_Values):
    """What is left out stays as it is."""

    version = serializers.IntegerField(required=False, help_text="the version that you have seen; another by now: 409")


class TargetRequest(_Values):
    metric_name = serializers.CharField(max_length=60)
    title = serializers.CharField(required=False, allow_blank=True, max_length=120)
    indicator = serializers.ChoiceField(Indicator.choices)
    target_value = _value()
    warning_threshold = _value()
    critical_threshold = _value()


class ReasonRequest(serializers.Serializer[None]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class CorrectionAnswer(serializers.ModelSerializer[Correction]):
    project = serializers.CharField(source="project.slug")
    target = serializers.CharField(
        source="target.metric_name", default=None, allow_null=True, help_text="null: every target of the project"
    )

    class Meta:
        model = Correction
        fields = [
            "id", "project", "target", "environment", "kind", "starts_at", "ends_at", "reason", "actor", "created_at",
            "withdrawn_at", "withdrawn_by",
        ]  # fmt: skip


class CorrectionPage(serializers.Serializer[None]):
    results = CorrectionAnswer(many=True)
    next = serializers.CharField(allow_null=True)


class CorrectionRequest(Strict):
    kind = serializers.ChoiceField(CorrectionKind.choices, default=CorrectionKind.MAINTENANCE)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=300)
    target = serializers.CharField(required=False, help_text="a metric_name; without: every target of the project")
    environment = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")


class BudgetAnswer(serializers.Serializer[None]):
    remaining = serializers.FloatField(allow_null=True, help_text="1 - bad / allowed, never clamped; null: no data")
    burn = serializers.FloatField(allow_null=True, help_text="over the fastest pair's long window; null: no data")
    allowed = serializers.FloatField(allow_null=True)
    bad = serializers.FloatField()
    valid = serializers.FloatField()
    firing = serializers.ListField(
        child=serializers.CharField(), help_text="page or ticket: what burns over its factor"
    )


class SideAnswer(serializers.Serializer[None]):
    state = serializers.ChoiceField(TargetState.choices)
    value = serializers.FloatField(allow_null=True)
    remaining = serializers.FloatField(allow_null=True)


class SlaStandingAnswer(serializers.Serializer[None]):
    metric_name = serializers.CharField()
    title = serializers.CharField()
    project = serializers.CharField()
    environment = serializers.CharField()
    indicator = serializers.ChoiceField(Indicator.choices)
    direction = serializers.ChoiceField(Direction.choices)
    state = serializers.ChoiceField(TargetState.choices)
    value = serializers.FloatField(allow_null=True)
    target_value = serializers.FloatField()
    warning_threshold = serializers.FloatField()
    critical_threshold = serializers.FloatField()
    budget = BudgetAnswer()
    coverage = serializers.FloatField(allow_null=True, help_text="minutes with data / minutes that count up to now")
    is_approximate = serializers.BooleanField(help_text="some of it was read from histograms: ±1%")
    period = serializers.DictField(help_text="start, end and label of the window")
    projected = SideAnswer(allow_null=True, help_text="where the period ends when it goes on like this")
    raw = SideAnswer(help_text="without corrections")
    version = serializers.IntegerField()
    url = serializers.CharField()


class SlaStatusAnswer(serializers.Serializer[None]):
    overall = serializers.ChoiceField(TargetState.choices, help_text="the worst of them; no_data when all are")
    targets = SlaStandingAnswer(many=True)


class BurnAnswer(serializers.Serializer[None]):
    severity = serializers.CharField(help_text="page or ticket")
    long_seconds = serializers.IntegerField()
    short_seconds = serializers.IntegerField()
    factor = serializers.FloatField(help_text="what both burns must exceed")
    long_burn = serializers.FloatField(allow_null=True)
    short_burn = serializers.FloatField(allow_null=True)
    bad = serializers.IntegerField(help_text="bad events that came in within the long window")
    least_bad = serializers.IntegerField()
    is_firing = serializers.BooleanField()
    is_held = serializers.BooleanField(help_text="a faster pair fires")


class BurnsAnswer(serializers.Serializer[None]):
    metric_name = serializers.CharField()
    version = serializers.IntegerField()
    windows = BurnAnswer(many=True)
