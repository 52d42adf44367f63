"""What sentry-cli says, as values; errors as it prints them. Values in, values out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tradewatch.core.faults import Invalid

_LONGEST_MOMENT = 40
_YEARS = range(1970, 2200)


def sentence_of(body: Mapping[str, Any]) -> str:
    """Return an error of ours as one sentence: `bad release: version must not be . or .. nor begin with -`."""
    errors = body.get("errors") or {}
    fields = "; ".join(f"{name} {text}" for name, texts in errors.items() for text in texts)
    detail = str(body.get("detail", "request failure"))
    return f"{detail}: {fields}" if fields else detail


def read_object(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise Invalid("expected a JSON object")
    return data


def read_text(data: Mapping[str, Any], name: str) -> str:
    """Return a text; empty where it is left out or null."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"{name} is not a text")
    return value


def read_names(data: Mapping[str, Any], name: str, *, most: int = 100) -> list[str]:
    """Return a list of slugs or ids, each once; sentry-cli sends ids as numbers."""
    values = data.get(name)
    if values is None:
        return []
    if not isinstance(values, list) or not all(type(each) in (str, int) for each in values):
        raise Invalid(f"{name} is not a list of names")
    if len(values) > most:
        raise Invalid(f"{name} are more than {most}")
    return list(dict.fromkeys(str(each) for each in values))


def read_moment(data: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time in UTC. sentry-cli sends nanoseconds (`2026-11-26T09:24:54.398365891Z`): microseconds are kept.

    None where it is left out or null. One without a zone is UTC.
    """
    text = read_text(data, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text[:_LONGEST_MOMENT])
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(f"{name} is not a time: {text[:_LONGEST_MOMENT]!r}") from None
    if moment.year not in _YEARS:
        raise Invalid(f"{name} is not a time of these days: {text[:_LONGEST_MOMENT]!r}")
    return moment


def read_objects(data: Mapping[str, Any], name: str, *, most: int) -> Sequence[Mapping[str, Any]] | None:
    """Return a list of objects; None where it is left out or null."""
    values = data.get(name)
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(each, Mapping) for each in values):
        raise Invalid(f"{name} is not a list of objects")
    if len(values) > most:
        raise Invalid(f"{name} are more than {most:,}")
    return values
