"""Builds the events that the facade sends: what the SDK makes of an error, plus what the caller said about it."""

from collections.abc import Mapping
from typing import Any, TypedDict, cast

import sentry_sdk
from sentry_sdk.types import Event

from tradewatch.facade.choices import ErrorCategory, ErrorSeverity
from tradewatch.facade.failures import swallowed

CATEGORY_TAG = "tradewatch.category"  # the server's classification takes the caller's word over its rules


class Said(TypedDict, total=False):
    """What a caller may say about an event. `user` counts for this event alone."""

    level: ErrorSeverity | str
    category: ErrorCategory | str
    tags: Mapping[str, object] | None
    extra_data: Mapping[str, object] | None
    user: Mapping[str, Any] | None


def describe(event: Event, said: Said, *, usual_level: ErrorSeverity) -> Event:
    """Return `event` with the caller's words, in the trace that the application's own SDK is in.

    A level or category that does not exist counts as a failure and costs itself only, not the event.
    """
    level, category = usual_level, ErrorCategory.UNKNOWN
    with swallowed("read level"):
        level = ErrorSeverity(said.get("level", usual_level))
    with swallowed("read category"):
        category = ErrorCategory(said.get("category", ErrorCategory.UNKNOWN))
    tags = {str(key): str(value) for key, value in (said.get("tags") or {}).items()}
    if category is not ErrorCategory.UNKNOWN:
        tags[CATEGORY_TAG] = category.value
    words: dict[str, Any] = {
        "level": level.sdk_level,
        "tags": tags,
        "extra": dict(said.get("extra_data") or {}),
        "contexts": {"trace": _current_trace()},
    }
    if user := said.get("user"):
        words["user"] = dict(user)
    return cast(Event, {**event, **words})


def _current_trace() -> dict[str, Any]:
    trace = dict(sentry_sdk.get_current_scope().get_trace_context())
    trace.pop("dynamic_sampling_context", None)  # names the application's own DSN key, not ours
    return trace
