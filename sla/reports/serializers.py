"""The shape of a report's document for OpenAPI; the document itself is answered as it was sealed."""

from typing import Any

from rest_framework import serializers

from sla.choices import CorrectionKind, Direction, Indicator, TargetState

_DECIMAL = "a decimal as text, from 0 to 1, or seconds where `unit` is seconds; null: no data"
_COUNT = "a decimal as text: weighted by sample rate"


def _decimal(text: str = _DECIMAL) -> Any:
    return serializers.CharField(allow_null=True, help_text=text)


class ReportFigures(serializers.Serializer[None]):
    state = serializers.ChoiceField(TargetState.choices)
    value = _decimal()
    sli = _decimal("good / valid, a decimal as text; null: no data")
    valid = serializers.CharField(help_text=_COUNT)
    bad = serializers.CharField(help_text=_COUNT)
    received = serializers.IntegerField(help_text="what really came in")
    received_bad = serializers.IntegerField()
    allowed = _decimal("(1 - objective) * valid")
    budget_used = _decimal("bad / allowed")
    budget_left = _decimal("1 - bad / allowed, never cut off at zero")
    coverage = _decimal("minutes with data / minutes that count")
    minutes_measured = serializers.IntegerField()
    minutes_expected = serializers.IntegerField()
    approximate = serializers.BooleanField(help_text="some of it is from histograms, ±1%")


class ReportExclusion(serializers.Serializer[None]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    kind = serializers.ChoiceField(CorrectionKind.choices)
    reason = serializers.CharField()
    actor = serializers.CharField()
    correction_id = serializers.IntegerField(allow_null=True)
    valid = serializers.CharField(help_text=_COUNT)
    bad = serializers.CharField(help_text=_COUNT)
    received = serializers.IntegerField()
    received_bad = serializers.IntegerField()


class ReportRow(serializers.Serializer[None]):
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not the name of `Field`'s
    note = serializers.CharField(help_text="half day")
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    state = serializers.ChoiceField(TargetState.choices)
    value = _decimal()
    valid = serializers.CharField(help_text=_COUNT)
    bad = serializers.CharField(help_text=_COUNT)
    received = serializers.IntegerField()
    received_bad = serializers.IntegerField()
    coverage = _decimal()
    left = _decimal("of the whole period's budget after this row")


class ReportLate(serializers.Serializer[None]):
    valid = serializers.CharField(help_text=_COUNT)
    bad = serializers.CharField(help_text=_COUNT)
    received = serializers.IntegerField()
    received_bad = serializers.IntegerField()


class ReportTarget(serializers.Serializer[None]):
    id = serializers.IntegerField()
    metric_name = serializers.CharField()
    title = serializers.CharField()
    promise = serializers.CharField(help_text="in words")
    indicator = serializers.ChoiceField(Indicator.choices)
    environment = serializers.CharField(help_text="empty: all")
    unit = serializers.ChoiceField(["ratio", "seconds"])
    direction = serializers.ChoiceField(Direction.choices)
    target_value = serializers.CharField()
    warning_threshold = serializers.CharField()
    critical_threshold = serializers.CharField()
    objective = serializers.CharField()
    version = serializers.DictField(help_text="number, valid_from, actor, reason")
    period = serializers.DictField(help_text="start, end, seconds, zone, is_over, clock_change, sessions, ...")
    state = serializers.ChoiceField(TargetState.choices)
    value = _decimal()
    adjusted = ReportFigures()
    raw = ReportFigures()
    projected = ReportFigures(allow_null=True, help_text="of a period that runs: where it ends if it goes on so")
    exclusions = ReportExclusion(many=True)
    rows = ReportRow(many=True, help_text="sessions, hours, days or months")
    incidents = serializers.ListField(child=serializers.DictField())
    incident_share = _decimal("of all bad events")
    incident_elsewhere = _decimal("bad events that belong to no incident")
    releases = serializers.DictField(allow_null=True, help_text="what each cost; null: it cannot be told")
    issues = serializers.DictField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    late = ReportLate(allow_null=True, help_text="what arrived since closing; changes no figure")


class ReportAnswer(serializers.Serializer[None]):
    format = serializers.IntegerField(help_text="of the document")
    name = serializers.CharField(help_text="SLA-2026-10")
    project = serializers.DictField()
    made_at = serializers.DateTimeField()
    period = serializers.DictField(help_text="name, label, start, end, until, seconds, zone, is_over")
    summary = serializers.DictField(child=serializers.IntegerField())
    lede = serializers.ListField(child=serializers.CharField(), help_text="the finding in sentences")
    targets = ReportTarget(many=True)
    markers = serializers.ListField(child=serializers.DictField())
    sha256 = serializers.CharField(help_text="of the canonical JSON of all the rest")
