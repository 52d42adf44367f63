"""One canonical document for whatever an SDK sent as an event; the stored payload has this shape.

    document, kept = take_apart(payload, is_clean)    # bytes -> dict, tolerant; regular and clean parts stay bytes
    document = normalise_event(document, received_at=..., retention=..., environment=...)
    scrub_document(document, policy)                  # inbox.scrub, in place
    document = settled(stored)                        # on reading: what was kept takes the canonical shape too

Always there:
    event_id      32 hex digits; the envelope header's beats the payload's
    timestamp     epoch seconds (float), corrected by the drift, within [received_at - retention, received_at]
    received_at   epoch seconds (float)
    level         a word of `ErrorSeverity` (an SDK's `fatal` is `critical`, what is unknown is `error`)
    platform      str, "other" when nobody said
    environment   str
    tags          {str: str}, at most 100, keys up to 64 and values up to 200 characters
    exception     {"values": [{"type", "value", "module", "thread_id", "mechanism": {...},
                               "stacktrace": {"frames": [frame, ...], ...}}, ...]}; the last value was raised last;
                  "values" may be empty; of a value's keys only "type" and "value" are always there (str, perhaps "")
    breadcrumbs   {"values": [{"timestamp": epoch float, "type", "category", "level", "message", "data": {...}}, ...]},
                  the newest 100, oldest first; every key of a crumb may be missing
There when sent:
    logger, transaction, release, dist, server_name, type      str
    transaction_info, sdk, modules, debug_meta                 dict as sent, under limits
    logentry      {"message": template or "", "formatted": str (always there), "params": list or dict}
    request       {"method", "url", "query_string": str, "headers": [[name, value], ...],
                   "cookies": [[name, value], ...], "data": any JSON, "env": {...}, ...}
    user          {"id", "username", "email", "ip_address", "name": str, ...}
    contexts      {name: {...}} ("trace" carries trace_id and span_id), extra {name: any JSON}
    threads       {"values": [{"id", "name", "crashed", "current", "stacktrace": ...}, ...]}
    stacktrace    {"frames": [...]}: an event without exception may carry one
    fingerprint   [str, ...]
    any other key as sent, under limits
Written by us:
    _errors       [{"path": "user.email", "reason": "not text"}, ...]: fields that could not be kept, at most 50
    _removed      [{"path": "request.headers.3.1", "kind": "cookie"}, ...]: what scrubbing took out, at most 100

A frame: {"filename", "abs_path", "module", "function": str, "lineno", "colno": int, "in_app": bool (always there),
"context_line": str, "pre_context", "post_context": [str, ...], "vars": {name: any JSON}, ...}; oldest call first.
Cut texts end in " [cut]"; what was nested too deep is "[cut: nested too deep]".
"""

from tradewatch.errors.normalise.decode import decode_event
from tradewatch.errors.normalise.event import normalise_event, take_apart
from tradewatch.errors.normalise.regular import IsClean, Kept, settled, with_kept

__all__ = ["IsClean", "Kept", "decode_event", "normalise_event", "settled", "take_apart", "with_kept"]
