from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewatch.errors.normalise import decode_event, normalise_event
from tradewatch.inbox.handlers import Unreadable

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def normalised(event: Any, **options: Any) -> dict[str, Any]:
    return normalise_event(
        event, **{"received_at": NOW, "retention": timedelta(days=30), "environment": "production"} | options
    )


@pytest.mark.parametrize("raw", [b"", b"[]", b'"text"', b"12", b"null", b"{", b'{"a":', b"\xff\xfe"])
def test_what_is_no_object_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        decode_event(raw)


def test_an_empty_event_becomes_a_whole_document() -> None:
    document = normalised(b"{}")
    assert len(document.pop("event_id")) == 32
    assert document == {
        "timestamp": NOW.timestamp(),
        "received_at": NOW.timestamp(),
        "level": "error",
        "platform": "other",
        "environment": "production",
        "tags": {},
        "exception": {"values": []},
        "breadcrumbs": {"values": []},
    }
