"""GET /performance/logs: what it takes and what it answers."""

from typing import Any

from rest_framework import serializers

from tradewatch.errors.search.terms import LONGEST_QUERY, Term, parse, term
from tradewatch.performance.logs.lines import LEVELS, moment_of
from tradewatch.performance.logs.search.finding import Found
from tradewatch.performance.logs.search.wanted import LOGGER, RELEASE
from tradewatch.performance.logs.traces import TraceLine


class LogQuery(serializers.Serializer[Any]):
    query = serializers.CharField(
        required=False, max_length=LONGEST_QUERY, help_text='such as level:>=warn symbol:ACME "margin call"'
    )
    level = serializers.ChoiceField(LEVELS, required=False, help_text="lines of this level or a graver one")
    trace_id = serializers.CharField(required=False, max_length=36)

    def terms(self) -> list[Term]:
        """Return the query, with the filters that have parameters of their own. Raises `BadQuery`."""
        asked: dict[str, Any] = self.validated_data
        terms = parse(asked.get("query", ""))
        if "level" in asked:
            terms += parse(f"level:>={asked['level']}")
        if "trace_id" in asked:
            terms.append(term("trace", asked["trace_id"]))
        return terms


class LogLine(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    level = serializers.ChoiceField(LEVELS)
    severity = serializers.IntegerField(help_text="1 to 24, as OpenTelemetry counts")
    message = serializers.CharField()
    trace_id = serializers.CharField(help_text="empty: none")
    span_id = serializers.CharField(help_text="empty: none")
    project_id = serializers.IntegerField()
    environment = serializers.CharField()
    release = serializers.CharField()
    logger = serializers.CharField()
    attributes = serializers.DictField()


class LogSearched(serializers.Serializer[Any]):
    is_complete = serializers.BooleanField(help_text="false: time was up, and `next` goes on where the search stopped")
    back_to = serializers.DateTimeField(help_text="all that is later was searched")
    lines = serializers.IntegerField(help_text="how many lines were looked at")


class LogPage(serializers.Serializer[Any]):
    results = LogLine(many=True)
    next = serializers.CharField(allow_null=True)
    searched = LogSearched()


def line_as_values(each: TraceLine) -> dict[str, Any]:
    line = each.line
    return {
        "at": line.at,
        "level": line.level,
        "severity": line.severity,
        "message": line.body,
        "trace_id": line.trace_id,
        "span_id": line.span_id,
        "project_id": each.project_id,
        "environment": each.environment,
        "release": line.text(RELEASE),
        "logger": line.text(LOGGER),
        "attributes": dict(line.attributes),
    }


def page_of(found: Found) -> dict[str, Any]:
    page = {
        "results": [line_as_values(each) for each in found.lines],
        "next": None if found.next is None else str(found.next),
        "searched": {
            "is_complete": found.is_complete,
            "back_to": moment_of(found.searched_to_us),
            "lines": found.searched_lines,
        },
    }
    return dict(LogPage(page).data)
