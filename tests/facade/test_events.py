import pytest
import sentry_sdk

from tradewatch.facade.choices import ErrorCategory, ErrorSeverity
from tradewatch.facade.events import Said, describe
from tradewatch.facade.failures import failure_counts


def described(**said: object) -> dict:
    return dict(describe({"message": "late fill"}, Said(**said), usual_level=ErrorSeverity.ERROR))


def test_the_callers_words_travel_as_the_sdk_would_send_them() -> None:
    event = described(
        level=ErrorSeverity.CRITICAL,
        category=ErrorCategory.RISK,
        tags={"venue": "XLON", "attempt": 2},
        extra_data={"order": {"id": 7}},
        user={"id": "u1"},
    )
    assert event["message"] == "late fill"
    assert event["level"] == "fatal"
    assert event["tags"] == {"venue": "XLON", "attempt": "2", "tradewatch.category": "risk"}
    assert event["extra"] == {"order": {"id": 7}}
    assert event["user"] == {"id": "u1"}


def test_nothing_said_leaves_category_to_the_servers_rules() -> None:
    event = described()
    assert event["level"] == "error"
    assert event["tags"] == {}
    assert "user" not in event


def test_names_do_as_well_as_members() -> None:
    event = described(level="warning", category="market_data")
    assert (event["level"], event["tags"]) == ("warning", {"tradewatch.category": "market_data"})


def test_what_does_not_exist_costs_itself_only(swallowing: None) -> None:
    event = described(level="loud", category="weather", tags={"venue": "XLON"})
    assert (event["level"], event["tags"]) == ("error", {"venue": "XLON"})
    assert failure_counts() == {"read level": 1, "read category": 1}


def test_an_event_joins_the_trace_of_the_applications_sdk() -> None:
    with sentry_sdk.isolation_scope(), sentry_sdk.continue_trace({"sentry-trace": f"{'a' * 32}-{'b' * 16}-1"}):
        trace = described()["contexts"]["trace"]
    assert trace["trace_id"] == "a" * 32
    assert "dynamic_sampling_context" not in trace


@pytest.mark.parametrize("nothing", [None, {}])
def test_empty_words_are_no_words(nothing: dict | None) -> None:
    event = described(tags=nothing, extra_data=nothing, user=nothing)
    assert (event["tags"], event["extra"]) == ({}, {})
    assert "user" not in event
