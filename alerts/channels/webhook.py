"""A signed webhook as https://www.standardwebhooks.com describes it: any receiver can check it with a library.

`webhook-id` is the same for each attempt, so that a receiver can drop what it has. Two secrets sign at once while one
replaces the other.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from standardwebhooks import Webhook

from alerts.channels.http import fault_in_url, post
from alerts.channels.kinds import ChannelKind, SettingField, Settings
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.channels.words import body_of, title_of

SECRET_BYTES = 32
_PREFIX = "whsec_"


def send_webhook(settings: Settings, message: Message, *, now: datetime) -> Outcome:
    url, keys = str(settings["url"]), _keys(settings)
    body = orjson.dumps(payload_of(message, now=now))
    headers = signed_headers(body, keys, message.idempotency_key, now=now)
    return post(url, body, headers=headers, secrets=[*keys, _query_of(url)], now=now)


def payload_of(message: Message, *, now: datetime) -> dict[str, Any]:
    """Return `{"type", "timestamp", "data"}`; `data` is the whole message as docs/channels.md lists it."""
    data = {
        **asdict(message),
        "title": title_of(message),
        "text": body_of(message),
        "alerts": [asdict(alert) for alert in message.alerts],
    }
    return {"type": f"alert.{message.event}", "timestamp": now.isoformat(), "data": data}


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(body: bytes, keys: Sequence[str], message_id: str, *, now: datetime) -> dict[str, str]:
    """Return the headers of a POST of `body`, signed with every key, as sent at `now`."""
    text = body.decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "TradeWatch",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign(message_id, now, text) for key in keys),
    }


def _keys(settings: Settings) -> list[str]:
    return [str(settings[name]) for name in ("secret", "previous_secret") if settings.get(name)]


def _query_of(url: str) -> str:
    """What may be a credential in a URL that a receiver echoes."""
    return url.partition("?")[2]


def _fault_in_secret(secret: str) -> str:
    expected = f"expected {_PREFIX} and the Base64 of 24 to 64 bytes"
    if not secret.startswith(_PREFIX):
        return expected
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return expected
    return "" if 24 <= len(key) <= 64 else expected


WEBHOOK = ChannelKind(
    name="webhook",
    label="Signed webhook",
    phrase="by webhook",
    send=send_webhook,
    is_safe_to_repeat=True,
    fields=(
        SettingField(name="url", label="URL", help="Gets a POST with JSON.", check=fault_in_url),
        SettingField(
            name="secret",
            label="Secret",
            help="Signs each message (standardwebhooks). Empty: one is made, and shown once for the receiver.",
            check=_fault_in_secret,
            is_secret=True,
            make=new_secret,
            rotates_into="previous_secret",
        ),
        SettingField(
            name="previous_secret",
            label="Previous secret",
            help="While the receiver changes over both sign.",
            check=_fault_in_secret,
            is_secret=True,
            is_required=False,
        ),
    ),
)
