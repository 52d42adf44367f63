"""What a transaction item and a container of spans say, as values to count and to keep.

Sources: https://develop.sentry.dev/sdk/data-model/event-payloads/transaction/ and
https://develop.sentry.dev/sdk/telemetry/spans/span-protocol/. Every field may be missing or odd: it then costs that
field alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.kept_items import identity_of, plain_text
from tradewatch.inbox.scrub import scrub_text
from tradewatch.performance.reading import UNNAMED, epoch_of, is_failure, name_of, weight_of
from tradewatch.performance.traces.choices import Form
from tradewatch.performance.traces.normalise import normal_description
from tradewatch.performance.traces.operations import category_of, op_of_attributes
from tradewatch.performance.traces.sums import Part, PlainSpan, sums_of
from tradewatch.performance.traces.tagged import tags_of

MOST_SPANS = 10_000  # of an item that are looked at
_ID_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Unit:
    """A transaction, or the streamed spans of one segment: what is counted and kept as one.

    `is_counted`: it stands for a transaction; streamed spans whose segment came apart do not. `at_epoch` is its end,
    within the retention; `draw` a number below 2^63 that all parts of a trace share. `tags` are as they came: only
    what somebody asked for by name and value is counted of them.
    """

    project_id: int
    identity: UUID
    form: Form
    is_counted: bool
    name: str
    op: str
    environment: str
    release: str
    event_id: UUID | None
    trace_id: str
    span_id: str
    parent_span_id: str
    started_epoch: float
    at_epoch: float
    seconds: float | None
    status: str
    is_failed: bool
    weight: float
    draw: int
    span_count: int
    parts: tuple[Part, ...]
    tags: Mapping[str, str] = field(default_factory=dict)


def read_transaction(document: Mapping[str, Any], arrival: Arrival) -> Unit:
    """Return a transaction item with its spans."""
    header = _mapping(arrival.headers.get("trace"))
    trace = _mapping(_mapping(document.get("contexts")).get("trace"))
    start, end = epoch_of(document.get("start_timestamp")), epoch_of(document.get("timestamp"))
    seconds = end - start if start is not None and end is not None and end >= start else None
    event_id = normal_event_id(arrival.headers.get("event_id")) or normal_event_id(document.get("event_id"))
    trace_id = hex_id(trace.get("trace_id"), 32) or hex_id(header.get("trace_id"), 32)
    identity = identity_of(arrival.project.id, "transaction", event_id) if event_id else uuid4()
    spans = [span for each in _sequence(document.get("spans")) if (span := _plain_span(each))]
    at_epoch = _settled(end, arrival)
    status = plain_text(trace.get("status"), 32)
    return Unit(
        project_id=arrival.project.id,
        identity=identity,
        form=Form.TRANSACTION,
        is_counted=True,
        name=_clean_name(name_of(document.get("transaction"))),
        op=plain_text(trace.get("op"), 64),
        environment=_environment(document.get("environment"), header),
        release=plain_text(document.get("release"), 250) or plain_text(header.get("release"), 250),
        event_id=UUID(event_id) if event_id else None,
        trace_id=trace_id,
        span_id=hex_id(trace.get("span_id"), 16),
        parent_span_id=hex_id(trace.get("parent_span_id"), 16),
        started_epoch=at_epoch - (seconds or 0.0),
        at_epoch=at_epoch,
        seconds=seconds,
        status=status,
        is_failed=is_failure(status),
        weight=weight_of(header),
        draw=draw_of(trace_id or identity.hex),
        span_count=len(spans),
        parts=sums_of(spans),
        tags=tags_of(document.get("tags")),
    )


def read_container(document: Mapping[str, Any], arrival: Arrival) -> list[tuple[Unit, list[Mapping[str, Any]]]]:
    """Return the units of a container of streamed spans, each with its spans as they were sent.

    An item without `items` is one span of the older form, which browsers send for what happens outside of transactions.
    """
    items = document.get("items")
    spans = [each for each in _sequence(items if "items" in document else [document]) if isinstance(each, Mapping)]
    segments: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for span, segment in zip(spans, _segments(spans), strict=True):
        segments.setdefault((hex_id(span.get("trace_id"), 32), segment), []).append(span)
    return [(_unit(trace_id, segment, own, arrival), own) for (trace_id, segment), own in segments.items()]


def hex_id(value: object, digits: int) -> str:
    """Return a trace or span id in lower case without hyphens; empty for what is none."""
    if not isinstance(value, str):
        return ""
    text = value.replace("-", "").lower()
    return text if len(text) == digits and _ID_DIGITS.issuperset(text) and text.strip("0") else ""


def draw_of(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


# --- transactions -------------------------------------------------------------------------------------------------
def _plain_span(span: object) -> PlainSpan | None:
    if not isinstance(span, Mapping):
        return None
    start, end = epoch_of(span.get("start_timestamp")), epoch_of(span.get("timestamp"))
    if start is None or end is None or end < start:
        return None
    op = plain_text(span.get("op"), 64) or op_of_attributes(_mapping(span.get("data")))
    category = category_of(op)
    status = span.get("status")
    return PlainSpan(
        span_id=_text(span.get("span_id")),
        parent_id=_text(span.get("parent_span_id")),
        category=category,
        op=op,
        description=normal_description(category, plain_text(span.get("description"), 5000)),
        start=start,
        end=end,
        is_failed=is_failure(status),
    )


# --- streamed spans -----------------------------------------------------------------------------------------------
def attributes_of(span: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes as plain values: {"value": ..., "type": ...} is how version 2 wraps each."""
    plain = {}
    for name, value in _mapping(span.get("attributes") or span.get("data")).items():
        plain[name] = value["value"] if isinstance(value, Mapping) and "value" in value else value
    return plain


def _segments(spans: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the segment of each span: the one it names, else the topmost of its parents that is there."""
    by_id = {_text(span.get("span_id")): span for span in spans}
    found: dict[str, str] = {}
    return [_segment_of(span, by_id, found) for span in spans]


def _segment_of(span: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]], found: dict[str, str]) -> str:
    passed = []
    while True:
        span_id = _text(span.get("span_id"))
        if span_id in found:
            segment = found[span_id]
            break
        passed.append(span_id)
        named = span.get("segment_id") or _mapping(span.get("attributes")).get("sentry.segment.id")
        named = named.get("value") if isinstance(named, Mapping) else named
        parent = _text(span.get("parent_span_id"))
        if isinstance(named, str) and named:
            segment = named
        elif _is_segment(span) or parent not in by_id or parent in passed:
            segment = span_id if _is_segment(span) else f"under {parent}"
        else:
            span = by_id[parent]
            continue
        break
    found.update(dict.fromkeys(passed, segment))
    return segment


def _is_segment(span: Mapping[str, Any]) -> bool:
    """Whether a span stands for a transaction. Those of the older form stand alone and do not."""
    if "description" in span or "timestamp" in span:
        return False
    said = span.get("is_segment")
    return said if isinstance(said, bool) else not span.get("parent_span_id")


def _unit(trace_id: str, segment: str, spans: Sequence[Mapping[str, Any]], arrival: Arrival) -> Unit:
    header = _mapping(arrival.headers.get("trace"))
    head = next((span for span in spans if _is_segment(span) and _text(span.get("span_id")) == segment), None)
    about = attributes_of(head or spans[0])
    start = min((at for each in spans if (at := _start_of(each)) is not None), default=None)
    end = max((at for each in spans if (at := _end_of(each)) is not None), default=None)
    if head is not None:
        start, end = _start_of(head), _end_of(head)
    seconds = end - start if start is not None and end is not None and end >= start else None
    at_epoch = _settled(end, arrival)
    children = [plain for each in spans if each is not head and (plain := _plain_streamed(each))]
    status = plain_text((head or {}).get("status"), 32)
    ids = [_text(each.get("span_id")) for each in spans]
    identity = identity_of(arrival.project.id, "span", trace_id, *ids) if trace_id and all(ids) else uuid4()
    return Unit(
        project_id=arrival.project.id,
        identity=identity,
        form=Form.SPANS if head is None else Form.SEGMENT,
        is_counted=head is not None,
        name=_segment_name(head, about, header),
        op=_op_of(head, about) if head is not None else "",
        environment=_environment(about.get("sentry.environment"), header),
        release=plain_text(about.get("sentry.release"), 250) or plain_text(header.get("release"), 250),
        event_id=None,
        trace_id=trace_id,
        span_id=hex_id((head or {}).get("span_id"), 16),
        parent_span_id=hex_id((head or {}).get("parent_span_id"), 16),
        started_epoch=at_epoch - (seconds or 0.0),
        at_epoch=at_epoch,
        seconds=seconds if head is not None else None,
        status=status,
        is_failed=is_failure(status),
        weight=weight_of(header),
        draw=draw_of(trace_id or identity.hex),
        span_count=len(spans) - (head is not None),
        parts=sums_of(children),
        tags=tags_of(about) if head is not None else {},
    )


def _segment_name(head: Mapping[str, Any] | None, about: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    wanted = [head.get("name") if head is not None else None, about.get("sentry.segment.name")]
    wanted += [about.get("sentry.transaction"), about.get("transaction"), header.get("transaction")]
    named = next((name for each in wanted if (name := name_of(each)) != UNNAMED), UNNAMED)
    return _clean_name(named)


def _plain_streamed(span: Mapping[str, Any]) -> PlainSpan | None:
    start, end = _start_of(span), _end_of(span)
    if start is None or end is None or end < start:
        return None
    about = attributes_of(span)
    op = _op_of(span, about)
    category = category_of(op)
    return PlainSpan(
        span_id=_text(span.get("span_id")),
        parent_id=_text(span.get("parent_span_id")),
        category=category,
        op=op,
        description=normal_description(category, plain_text(described(span, about), 5000)),
        start=start,
        end=end,
        is_failed=is_failure(span.get("status")),
    )


def described(span: Mapping[str, Any], about: Mapping[str, Any]) -> object:
    """Return what a streamed span did in its own words: OpenTelemetry puts them into attributes, under a short name."""
    statement = about.get("db.query.text") or about.get("db.statement")
    if statement:
        return statement
    address, method = about.get("url.full"), about.get("http.request.method")
    if isinstance(address, str) and address:
        return f"{method} {address}" if isinstance(method, str) else address
    return span.get("name") or span.get("description")


def _op_of(span: Mapping[str, Any] | None, about: Mapping[str, Any]) -> str:
    named = plain_text(about.get("sentry.op"), 64) or plain_text((span or {}).get("op"), 64)
    return named or op_of_attributes(about)


def _start_of(span: Mapping[str, Any]) -> float | None:
    return epoch_of(span.get("start_timestamp"))


def _end_of(span: Mapping[str, Any]) -> float | None:
    return epoch_of(span.get("end_timestamp", span.get("timestamp")))


# --- both ---------------------------------------------------------------------------------------------------------
def _settled(end: float | None, arrival: Arrival) -> float:
    """Return the moment corrected by the client's drift, within the retention before it came."""
    latest = arrival.received_at.timestamp()
    at_epoch = latest if end is None else end + arrival.drift.total_seconds()
    return min(max(at_epoch, latest - settings.EVENT_RETENTION.total_seconds()), latest)


def _environment(named: object, header: Mapping[str, Any]) -> str:
    return plain_text(named, 64) or plain_text(header.get("environment"), 64) or settings.SENTRY_ENVIRONMENT


@lru_cache(maxsize=4096)
def _clean_name(name: str) -> str:
    """Return a name fit for series, which outlive any document: without secrets that a client put into its paths."""
    return scrub_text(name)[:200] or UNNAMED


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value[:MOST_SPANS] if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
