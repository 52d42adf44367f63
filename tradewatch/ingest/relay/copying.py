"""What of an envelope goes into the spool: copies of what the digest has scrubbed, chosen as its project wants it.

An event or transaction takes what came with it along (profile, attachments, a user's report); everything else goes by
itself. Simulated events stay here, and so does what this installation has relayed before.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from tradewatch.errors.drafts import Draft as ErrorDraft
from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.inbox.handlers import Arrival, Copied
from tradewatch.inbox.keep import compress_document, read_document
from tradewatch.ingest.relay.choices import CATEGORY_OF_TYPE, KIND_OF_TYPE, RelayKind
from tradewatch.ingest.relay.marks import is_our_own
from tradewatch.ingest.relay.parcels import Parcel, Piece, headers_to_keep, packed
from tradewatch.ingest.relay.relaying import Choice, choice_for
from tradewatch.ingest.relay.sampling import is_chosen
from tradewatch.ingest.relay.spool import Copy, append
from tradewatch.performance.traces.digest import Draft as TraceDraft

_BEARERS = ("event", "transaction")
_RIDERS = frozenset({"profile", "attachment", "user_report"})
_ITEM_HEADERS = ("content_type", "item_count", "filename", "attachment_type", "platform")

logger = logging.getLogger(__name__)


class RelayCopier:
    """Stateless: one serves all threads."""

    def copies(self, items: Sequence[Copied], arrival: Arrival) -> Sequence[tuple[int, Copy]]:
        """Return copies with the position of the item that each is about. No database but the cached choice.

        Never raises: what cannot be copied must not keep anything from being stored.
        """
        choice = choice_for(arrival.project.id)
        if choice is None or arrival.is_simulated or is_our_own(arrival.headers):
            return ()
        try:
            return list(_copies(items, arrival, choice))
        except Exception as error:
            logger.warning("relay: not copied project=%s error=%s", arrival.project.id, type(error).__name__)
            return ()

    def prepare(self, item: object, arrival: Arrival) -> None:
        """No item type of the protocol is ours."""

    def store(self, drafts: Sequence[Copy], *, now: datetime) -> None:
        append(drafts, limit_bytes=settings.RELAY_SPOOL_BYTES, now=now)


def _copies(items: Sequence[Copied], arrival: Arrival, choice: Choice) -> Iterator[tuple[int, Copy]]:
    bearers = [each for each in items if each.item.type in _BEARERS and each.draft is not None]
    riders = [each for each in items if each.item.type in _RIDERS]
    for bearer in bearers:
        if copy := _borne(bearer, riders if bearer is bearers[0] else (), arrival, choice):
            yield bearer.at, copy
    for each in items:
        if each.draft is None or each in bearers or (bearers and each in riders) or not _is_wanted(each, choice):
            continue
        for piece, rate, event_id in _alone(each, arrival, choice):
            yield each.at, _copy(choice, arrival, Parcel(event_id, headers_to_keep(arrival.headers), [piece], rate))


def _borne(bearer: Copied, riders: Sequence[Copied], arrival: Arrival, choice: Choice) -> Copy | None:
    if not _is_wanted(bearer, choice):
        return None
    found = _event(bearer, choice) if bearer.item.type == "event" else _transaction(bearer, choice)
    if found is None:
        return None
    piece, rate, event_id, trace = found
    along = [rider for each in riders if (rider := _rider(each, arrival, choice, trace)) is not None]
    return _copy(choice, arrival, Parcel(event_id, headers_to_keep(arrival.headers), [piece, *along], rate))


def _event(each: Copied, choice: Choice) -> tuple[Piece, float, str, str] | None:
    draft: ErrorDraft = each.draft
    trace = draft.facts.trace_id or draft.event_id.hex
    if draft.is_simulated or not is_chosen(trace, choice.error_rate):
        return None
    return Piece("event", {}, draft.payload), choice.error_rate, draft.event_id.hex, trace


def _transaction(each: Copied, choice: Choice) -> tuple[Piece, float, str, str] | None:
    draft: TraceDraft = each.draft
    unit, document = draft.units[0]
    event_id = unit.event_id.hex if unit.event_id else ""
    trace = unit.trace_id or event_id
    if not is_chosen(trace, choice.trace_rate):
        return None
    return Piece("transaction", {}, document.pack()), choice.trace_rate, event_id, trace


def _rider(each: Copied, arrival: Arrival, choice: Choice, trace: str) -> Piece | None:
    """Return what goes along with an event or transaction. A profile is not stored here, so it has no draft."""
    item = each.item
    if not _is_wanted(each, choice):
        return None
    if item.type == "attachment":
        return Piece(item.type, _item_headers(item.headers), item.payload, is_packed=False)
    if item.type == "profile" and not is_chosen(trace, choice.profile_rate, of="profile"):
        return None
    document = read_document(item)
    return Piece(item.type, _item_headers(item.headers), compress_document(document, arrival, raw=item.payload))


def _alone(each: Copied, arrival: Arrival, choice: Choice) -> Iterator[tuple[Piece, float, str]]:
    item = each.item
    headers = _item_headers(item.headers)
    if item.type == "span":
        draft: TraceDraft = each.draft
        for unit, document in draft.units:
            if is_chosen(unit.trace_id or unit.identity.hex, choice.trace_rate):
                own = headers if "content_type" not in headers else {**headers, "item_count": unit.span_count}
                yield Piece("span", own, document.pack()), choice.trace_rate, ""
        return
    event_id = normal_event_id(arrival.headers.get("event_id")) or ""
    if item.type == "attachment":
        yield Piece(item.type, headers, item.payload, is_packed=False), 1.0, event_id
        return
    payload = read_document(item)
    if item.type == "feedback" and not event_id:
        event_id = normal_event_id(payload.get("event_id")) or ""
    yield Piece(item.type, headers, compress_document(payload, arrival, raw=item.payload)), 1.0, event_id


def _is_wanted(each: Copied, choice: Choice) -> bool:
    kind: RelayKind | None = KIND_OF_TYPE.get(each.item.type)
    return kind is not None and str(kind) in choice.kinds


def _item_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: headers[name] for name in _ITEM_HEADERS if isinstance(headers.get(name), str | int)}


def _copy(choice: Choice, arrival: Arrival, parcel: Parcel) -> Copy:
    return Copy(
        upstream=choice.upstream,
        project_id=arrival.project.id,
        category=CATEGORY_OF_TYPE[parcel.pieces[0].type],
        received_at=arrival.received_at.timestamp(),
        body=packed(parcel),
    )
