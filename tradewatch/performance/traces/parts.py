"""Stored documents into spans of a trace: transactions with their spans, and streamed spans. Pure.

https://develop.sentry.dev/sdk/data-model/event-payloads/transaction/ and https://develop.sentry.dev/sdk/telemetry/spans/
span-protocol/. Every field may be missing or odd: it then costs that field; a span without times costs itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradewatch.performance.reading import epoch_of, is_failure
from tradewatch.performance.traces.normalise import normal_description
from tradewatch.performance.traces.operations import category_of, op_of_attributes
from tradewatch.performance.traces.tree import Span

MAX_TEXT = 2000
ANSWER_SIZES = (
    *("http.response.body.size", "http.response_content_length", "http.response.header.content-length"),
    *("http.response_transfer_size", "http.decoded_response_content_length"),
)


@dataclass(frozen=True, slots=True)
class About:
    """Where a document came from. `service` is what it is called when it does not say so itself; `drift_seconds` how
    much its client's clock was found to be off when it was accepted."""

    project_id: int
    service: str
    drift_seconds: float = 0.0


def read_part(document: Mapping[str, Any], about: About) -> list[Span]:
    """Return the spans of a transaction, or of {"items": [...]} (streamed ones), in the order in which they came."""
    if "items" not in document:
        return list(_of_transaction(document, about))
    return [span for item in streamed_of(document) if (span := _streamed(item, about))]


def streamed_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the streamed spans as they came; none of a transaction."""
    items = document.get("items")
    is_list = isinstance(items, Sequence) and not isinstance(items, str)
    return [item for item in items if isinstance(item, Mapping)] if is_list and items else []


def service_of(release: object, fallback: str) -> str:
    """Return the package of a release (`trading-api` of `trading-api@2.0.1`), else the fallback."""
    package, at, _ = _text(release).partition("@")
    return package if at and package else fallback


# --- transactions ----------------------------------------------------------------------------------------------------
def _of_transaction(document: Mapping[str, Any], about: About) -> Iterator[Span]:
    trace = _mapping(_mapping(document.get("contexts")).get("trace"))
    shared = {
        "segment": _text(trace.get("span_id")),
        "project_id": about.project_id,
        "service": service_of(document.get("release"), about.service),
        "host": _host(document.get("server_name")),
        "release": _text(document.get("release")),
        "environment": _text(document.get("environment")),
        "event_id": _text(document.get("event_id")),
    }
    own = {
        **trace,
        "description": document.get("transaction"),
        "start_timestamp": document.get("start_timestamp"),
        "timestamp": document.get("timestamp"),
        "tags": document.get("tags"),
    }
    if span := _classic(own, about, shared, is_transaction=True):
        yield span
    spans = document.get("spans")
    for item in spans if isinstance(spans, Sequence) else ():
        if isinstance(item, Mapping) and (span := _classic(item, about, shared)):
            yield span


def _alone(item: Mapping[str, Any], about: About) -> Span | None:
    """A span of the older form: so browsers send what they measure after the page load (INP)."""
    data = _mapping(item.get("data"))
    shared = {
        "segment": _text(item.get("segment_id")) or _text(item.get("span_id")),
        "project_id": about.project_id,
        "service": service_of(data.get("release"), about.service),
        "release": _text(data.get("release")),
        "environment": _text(data.get("environment")),
    }
    return _classic(item, about, shared)


def _classic(
    item: Mapping[str, Any], about: About, shared: Mapping[str, Any], *, is_transaction: bool = False
) -> Span | None:
    """A span as transactions hold them."""
    start, end = epoch_of(item.get("start_timestamp")), epoch_of(item.get("timestamp"))
    if start is None:
        return None
    facts = {**_facts(item.get("tags")), **_facts(item.get("data"))}
    op, name = _text(item.get("op")) or op_of_attributes(facts), _text(item.get("description"))
    category = category_of(op)
    return Span(
        **shared,
        span_id=_text(item.get("span_id")),
        parent_id=_text(item.get("parent_span_id")),
        op=op,
        name=name or op,
        start=start + about.drift_seconds,
        end=max(start, end if end is not None else start) + about.drift_seconds,
        category=category.value,
        pattern=normal_description(category.value, name),
        status=_text(item.get("status")),
        is_failed=is_failure(item.get("status")),
        is_transaction=is_transaction,
        answer_bytes=_answer_bytes(facts),
        facts=facts,
    )


# --- streamed spans ---------------------------------------------------------------------------------------------------
def _streamed(item: Mapping[str, Any], about: About) -> Span | None:
    if "description" in item or "timestamp" in item:
        return _alone(item, about)
    start, end = epoch_of(item.get("start_timestamp")), epoch_of(item.get("end_timestamp"))
    if start is None:
        return None
    facts = dict(_attributes(item.get("attributes")))
    release, op = _text(facts.get("sentry.release")), _text(facts.get("sentry.op")) or op_of_attributes(facts)
    category = category_of(op)
    span_id, is_segment = _text(item.get("span_id")), item.get("is_segment") is True
    name = _text(item.get("name"))
    return Span(
        span_id=span_id,
        parent_id=_text(item.get("parent_span_id")),
        segment=_text(facts.get("sentry.segment.id")) or (span_id if is_segment else ""),
        project_id=about.project_id,
        service=_text(facts.get("service.name")) or service_of(release, about.service),
        op=op,
        name=name or op,
        start=start + about.drift_seconds,
        end=max(start, end if end is not None else start) + about.drift_seconds,
        category=category.value,
        pattern=normal_description(category.value, name),
        status=_text(item.get("status")),
        is_failed=is_failure(item.get("status")),
        is_transaction=is_segment,
        host=_host(facts.get("host.name")),
        release=release,
        environment=_text(facts.get("sentry.environment")),
        answer_bytes=_answer_bytes(facts),
        facts=facts,
    )


def _attributes(attributes: object) -> Iterator[tuple[str, Any]]:
    for name, attribute in _mapping(attributes).items():
        yield str(name), attribute.get("value") if isinstance(attribute, Mapping) else attribute


# --- fields ----------------------------------------------------------------------------------------------------------
def _facts(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {str(name): each for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):  # tags may be pairs
        return {str(pair[0]): pair[1] for pair in value if isinstance(pair, Sequence) and len(pair) == 2}
    return {}


def _answer_bytes(facts: Mapping[str, Any]) -> int | None:
    for name in ANSWER_SIZES:
        value = facts.get(name)
        try:
            size = int(value) if isinstance(value, str | int | float) else -1
        except (ValueError, OverflowError):
            continue
        if size >= 0:
            return size
    return None


def _host(name: object) -> str:
    text = _text(name)
    return "" if text == "localhost" else text  # many machines call themselves that


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value[:MAX_TEXT]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
