"""Recordings as the API shows them."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from debugging.choices import RefKind
from debugging.models import BrowserReplay, BrowserReplaySegment
from debugging.recordings.queries import MOST_ENTRIES, counts_of, entries_of, missing_of, page_url, segments_of


class RecordingLine(serializers.Serializer[BrowserReplay]):
    replay_id = serializers.CharField(source="replay_id.hex")
    project = serializers.CharField(source="project.slug")
    environment = serializers.CharField()
    release = serializers.CharField()
    kind = serializers.CharField(help_text="session: from the start; buffer: around an error; empty: not told yet")
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    seconds = serializers.SerializerMethodField()
    urls = serializers.ListField(child=serializers.CharField(), source="visited", help_text="visited, in order")
    segments = serializers.IntegerField(source="segment_count")
    events = serializers.IntegerField(source="event_count", help_text="of rrweb, that the download has")
    bytes = serializers.IntegerField(source="stored_bytes", help_text="as stored, compressed")
    url = serializers.SerializerMethodField()

    def get_seconds(self, row: BrowserReplay) -> float:
        return (row.ended_at - row.started_at).total_seconds()

    def get_url(self, row: BrowserReplay) -> str:
        return page_url(row)


class TimelineEntry(serializers.Serializer[None]):
    at = serializers.FloatField(help_text="epoch milliseconds")
    kind = serializers.CharField(help_text="page, navigation, click, slow, input, console, request, error or note")
    text = serializers.CharField()
    level = serializers.CharField(help_text="info, warning or error")


class RefusedSegment(serializers.Serializer[BrowserReplaySegment]):
    segment = serializers.IntegerField(source="number")
    why = serializers.CharField(source="refused")


class RecordingAnswer(RecordingLine):
    facts = serializers.DictField(child=serializers.CharField(), help_text="user, browser, os, device, sdk, agent")
    error_ids = serializers.SerializerMethodField()
    trace_ids = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField(help_text="{kind: how many}, `kind.bad`: of those, how many failed")
    timeline = serializers.SerializerMethodField(help_text=f"the first {MOST_ENTRIES}")
    missing_segments = serializers.SerializerMethodField(help_text="which never came, though later ones did")
    refused_segments = serializers.SerializerMethodField(help_text="which came and are not kept, and why")

    def get_error_ids(self, row: BrowserReplay) -> list[str]:
        return _ids(row, RefKind.ERROR)

    def get_trace_ids(self, row: BrowserReplay) -> list[str]:
        return _ids(row, RefKind.TRACE)

    def get_counts(self, row: BrowserReplay) -> dict[str, int]:
        return counts_of(self._segments(row))

    @extend_schema_field(TimelineEntry(many=True))
    def get_timeline(self, row: BrowserReplay) -> list[dict[str, Any]]:
        return entries_of(self._segments(row))[:MOST_ENTRIES]

    def get_missing_segments(self, row: BrowserReplay) -> list[int]:
        return missing_of(self._segments(row))

    @extend_schema_field(RefusedSegment(many=True))
    def get_refused_segments(self, row: BrowserReplay) -> Any:
        return [RefusedSegment(each).data for each in self._segments(row) if each.refused]

    def _segments(self, row: BrowserReplay) -> Sequence[BrowserReplaySegment]:
        if not hasattr(self, "_read"):
            self._read = segments_of(row)
        return self._read


class RecordingPage(serializers.Serializer[None]):
    results = RecordingLine(many=True)
    next = serializers.CharField(allow_null=True)


def _ids(row: BrowserReplay, kind: RefKind) -> list[str]:
    return [value.hex for value in row.refs.filter(kind=kind).values_list("value", flat=True)]
