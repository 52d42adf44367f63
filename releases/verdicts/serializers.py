"""Looks as the API shows them; `EvidenceAnswer` documents what `releases.verdicts.evidence` writes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from releases.choices import Verdict
from releases.models import DeploymentLook
from releases.verdicts.evidence import Basis, Finding


class VerdictAnswer(serializers.Serializer[Any]):
    """Of the last look that could tell; where none could, of the last."""

    verdict = serializers.ChoiceField(Verdict.choices)
    minutes = serializers.IntegerField(help_text="after the deployment's end")
    summary = serializers.CharField()
    looked_at = serializers.DateTimeField()


class LookAnswer(serializers.ModelSerializer[DeploymentLook]):
    class Meta:
        model = DeploymentLook
        fields = ["minutes", "verdict", "summary", "looked_at"]


class StretchAnswer(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    shared = serializers.DateTimeField(
        allow_null=True, help_text="the minute at its edge of which only one side's releases were counted"
    )


class ShareAnswer(serializers.Serializer[Any]):
    failed = serializers.IntegerField()
    requests = serializers.IntegerField()
    ratio = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Wilson's 95% interval")
    high = serializers.FloatField(allow_null=True)


class TimesAnswer(serializers.Serializer[Any]):
    measured = serializers.IntegerField()
    p50 = serializers.FloatField(allow_null=True, help_text="seconds")
    p95 = serializers.FloatField(allow_null=True, help_text="seconds")


class _FindingAnswer(serializers.Serializer[Any]):
    finding = serializers.ChoiceField([each.value for each in Finding])
    p = serializers.FloatField(help_text="how likely so much is by chance")
    q = serializers.FloatField(help_text="the same, corrected over all that were asked")


class ErrorFindingAnswer(_FindingAnswer):
    endpoint = serializers.CharField()
    op = serializers.CharField()
    before = ShareAnswer()
    after = ShareAnswer()
    risk_ratio = serializers.FloatField(allow_null=True, help_text="null: none failed before")
    at_least = serializers.FloatField(allow_null=True, help_text="95% interval of the risk ratio")
    at_most = serializers.FloatField(allow_null=True)
    more = serializers.FloatField(help_text="failures beyond those expected")
    smallest = serializers.FloatField(allow_null=True, help_text="too few: from which ratio on a rise would have shown")
    burstiness = serializers.FloatField(help_text="how many failures used to come together; 1: each by itself")


class LatencyFindingAnswer(_FindingAnswer):
    endpoint = serializers.CharField()
    op = serializers.CharField()
    before = TimesAnswer()
    after = TimesAnswer()
    shift = serializers.FloatField(allow_null=True, help_text="1.1: a tenth longer")
    a12 = serializers.FloatField(allow_null=True, help_text="how likely a request after took longer than one before")
    smallest_a12 = serializers.FloatField(allow_null=True)
    wandering = serializers.FloatField(help_text="by which share it used to move from five minutes to the next")


class IssueFindingAnswer(_FindingAnswer):
    issue_id = serializers.IntegerField()
    title = serializers.CharField()
    culprit = serializers.CharField()
    before = serializers.IntegerField(help_text="events")
    after = serializers.IntegerField()
    is_new = serializers.BooleanField(help_text="first met since the deployment began")
    burstiness = serializers.FloatField(help_text="how many of its events used to come together; 1: each by itself")


class SmallestAnswer(serializers.Serializer[Any]):
    endpoint = serializers.CharField()
    requests = serializers.IntegerField()
    ratio = serializers.FloatField(allow_null=True, help_text="null: not even all of them failing would have shown")


class JudgementAnswer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(Verdict.choices)
    # A field, not the property of that name: fields are not kept as attributes.
    errors = ErrorFindingAnswer(many=True, help_text="worse ones first, at most 50")  # type: ignore[assignment]
    latencies = LatencyFindingAnswer(many=True, help_text="worse ones first, at most 50")
    issues = IssueFindingAnswer(many=True, help_text="worse or new ones, at most 20")
    errors_asked = serializers.IntegerField(help_text="endpoints compared")
    latencies_asked = serializers.IntegerField()
    issues_asked = serializers.IntegerField()
    requests_before = serializers.IntegerField(help_text="received: no sample rate is applied")
    requests_after = serializers.IntegerField()
    judged_share = serializers.FloatField(
        allow_null=True, help_text="of the requests after, those of endpoints on which a change would have shown"
    )
    smallest = SmallestAnswer(allow_null=True, help_text="insufficient data: what would have shown")
    level = serializers.FloatField()


class EvidenceAnswer(serializers.Serializer[Any]):
    before = StretchAnswer()
    after = StretchAnswer()
    basis = serializers.ChoiceField([each.value for each in Basis], help_text="which stretch stands for before")
    why = serializers.CharField(help_text="the same in words")
    judgement = JudgementAnswer()
    market = serializers.CharField()
    phase = serializers.CharField()
    of_version = serializers.IntegerField(allow_null=True, help_text="requests after that named the deployed version")
    cut_by = serializers.IntegerField(allow_null=True, help_text="the deployment that began before the look was due")


class FullLookAnswer(LookAnswer):
    evidence = serializers.SerializerMethodField(help_text="as it was written then")

    class Meta(LookAnswer.Meta):
        fields = [*LookAnswer.Meta.fields, "evidence"]

    @extend_schema_field(EvidenceAnswer())
    def get_evidence(self, look: DeploymentLook) -> Any:
        return look.evidence
