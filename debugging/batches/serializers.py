"""Batches as the API takes and shows them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from debugging.batches.plans import MOST_AT_ONCE
from debugging.batches.queries import counts_of, smallest_of, table_of
from debugging.batches.shrinking import MOST_TRIES, Ending
from debugging.batches.variants import MOST_VARIANTS
from debugging.choices import BatchKind, BatchState, ReplayState, Reproduced
from debugging.models import ReplayBatch
from debugging.replays.serializers import MODIFICATIONS

AT_ONCE = f"so many at the same time, 1 to {MOST_AT_ONCE}; the target's own limit holds too"


class MatrixRequest(serializers.Serializer[None]):
    target = serializers.CharField(
        required=False, max_length=100, help_text="a listed one; without: the only one that is not production"
    )
    variants = serializers.JSONField(
        required=False, help_text=f"[{{title, modifications}}], at most {MOST_VARIANTS}; or give axes"
    )
    axes = serializers.JSONField(
        required=False,
        help_text='{"body /account_id": [values], "header X-Desk": [...], "query limit": [...]}: their product',
    )
    modifications = serializers.JSONField(required=False, help_text=f"of every variant: {MODIFICATIONS}")
    at_once = serializers.IntegerField(required=False, allow_null=True, help_text=AT_ONCE)


class ShrinkRequest(serializers.Serializer[None]):
    target = serializers.CharField(
        required=False, max_length=100, help_text="a listed one; without: the only one that is not production"
    )
    modifications = serializers.JSONField(required=False, help_text=f"of what is made smaller: {MODIFICATIONS}")
    most_tries = serializers.IntegerField(required=False, allow_null=True, help_text=f"1 to {MOST_TRIES}")
    at_once = serializers.IntegerField(required=False, allow_null=True, help_text=AT_ONCE)


class BatchLine(serializers.ModelSerializer[ReplayBatch]):
    batch_id = serializers.IntegerField(source="pk")
    session_id = serializers.IntegerField()
    kind = serializers.ChoiceField(BatchKind.choices)
    target = serializers.CharField(source="target_name")
    state = serializers.ChoiceField(BatchState.choices)
    counts = serializers.SerializerMethodField(help_text="{state of a replay: how many}")
    is_cancelling = serializers.SerializerMethodField(help_text="somebody has cancelled it, and it has not ended yet")
    url = serializers.SerializerMethodField(help_text="of its session's page in TradeWatch")

    class Meta:
        model = ReplayBatch
        fields = [
            "batch_id", "session_id", "kind", "target", "state", "total", "counts", "is_cancelling", "fault",
            "requested_at", "requested_by", "approved_by", "ended_at", "url",
        ]  # fmt: skip

    def get_counts(self, row: ReplayBatch) -> dict[str, int]:
        # Of many, whoever lists them has counted all at once.
        counts = self.context["counts"] if "counts" in self.context else counts_of([row])
        return dict(counts.get(row.pk, {}))

    def get_is_cancelling(self, row: ReplayBatch) -> bool:
        return row.cancel_asked_at is not None and row.ended_at is None

    def get_url(self, row: ReplayBatch) -> str:
        return f"{settings.PUBLIC_URL}{row.session.get_absolute_url()}#batches"


class TableLine(serializers.Serializer[Any]):
    """One replay of a batch. Its request and answer: `GET /debug/session/{id}/replays/{replay_id}`."""

    replay_id = serializers.IntegerField()
    position = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.ChoiceField(ReplayState.choices)
    status = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    reproduced = serializers.ChoiceField(Reproduced.choices)
    reproduced_why = serializers.CharField()
    event_id = serializers.UUIDField(format="hex", allow_null=True)
    diff = serializers.CharField(help_text="against what is known of the original's answer, in a line")
    fault = serializers.CharField()


class SmallestRequestAnswer(serializers.Serializer[Any]):
    """The smallest request that still failed, without secrets. `ending` null: the search has not come to its end."""

    replay_id = serializers.IntegerField()
    request = serializers.JSONField()
    body = serializers.JSONField(allow_null=True)
    bytes_before = serializers.IntegerField()
    bytes_after = serializers.IntegerField()
    tries = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="tries that gave no answer")
    ending = serializers.ChoiceField([each.value for each in Ending], allow_null=True)
    ending_words = serializers.CharField()
    judged_by = serializers.CharField(help_text="issue: the same error came back; status: the same status was answered")
    judged_by_words = serializers.CharField()


class BatchAnswer(BatchLine):
    table = serializers.SerializerMethodField()
    smallest = serializers.SerializerMethodField(help_text="of a shrink, once something failed")

    class Meta(BatchLine.Meta):
        fields = [*BatchLine.Meta.fields, "table", "smallest"]

    @extend_schema_field(TableLine(many=True))
    def get_table(self, row: ReplayBatch) -> list[Any]:
        return list(TableLine(table_of(row), many=True).data)

    @extend_schema_field(SmallestRequestAnswer(allow_null=True))
    def get_smallest(self, row: ReplayBatch) -> Any:
        found = smallest_of(row)
        return None if found is None else SmallestRequestAnswer(found).data


class BatchPage(serializers.Serializer[None]):
    results = BatchLine(many=True)
    next = serializers.CharField(allow_null=True)
