"""What the receivers document of their payloads, as JSON schemas: written from the pages that each names."""

from typing import Any

# https://docs.slack.dev/reference/block-kit/blocks/ and .../block-elements/button-element
_PLAIN = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "plain_text"},
        "text": {"type": "string", "minLength": 1, "maxLength": 150},
        "emoji": {"type": "boolean"},
    },
}
_MARKDOWN = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {"type": {"const": "mrkdwn"}, "text": {"type": "string", "minLength": 1, "maxLength": 3000}},
}
_BUTTON = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "button"},
        "text": {**_PLAIN, "properties": {**_PLAIN["properties"], "text": {"type": "string", "maxLength": 75}}},
        "action_id": {"type": "string", "maxLength": 255},
        "url": {"type": "string", "format": "uri", "maxLength": 3000},
        "style": {"enum": ["primary", "danger"]},
    },
}


def _block(kind: str, required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", *required],
        "additionalProperties": False,
        "properties": {"type": {"const": kind}, "block_id": {"type": "string", "maxLength": 255}, **properties},
    }


SLACK: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 40_000},
        "unfurl_links": {"type": "boolean"},
        "blocks": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {
                "anyOf": [
                    _block("header", ["text"], text=_PLAIN),
                    _block("section", ["text"], text=_MARKDOWN),
                    _block("divider", []),
                    _block("context", ["elements"], elements={"type": "array", "maxItems": 10, "items": _MARKDOWN}),
                    _block(
                        "actions",
                        ["elements"],
                        elements={"type": "array", "minItems": 1, "maxItems": 25, "items": _BUTTON},
                    ),
                ]
            },
        },
    },
}

# https://developer.pagerduty.com/docs/send-alert-event
_KEY = {"type": "string", "pattern": "^[A-Za-z0-9]{32}$"}
_DEDUP = {"type": "string", "minLength": 1, "maxLength": 255}
PAGERDUTY: dict[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "required": ["routing_key", "event_action", "payload"],
            "additionalProperties": False,
            "properties": {
                "routing_key": _KEY,
                "event_action": {"const": "trigger"},
                "dedup_key": _DEDUP,
                "client": {"type": "string"},
                "client_url": {"type": "string", "format": "uri"},
                "links": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["href"],
                        "additionalProperties": False,
                        "properties": {"href": {"type": "string", "format": "uri"}, "text": {"type": "string"}},
                    },
                },
                "images": {"type": "array"},
                "payload": {
                    "type": "object",
                    "required": ["summary", "source", "severity"],
                    "additionalProperties": False,
                    "properties": {
                        "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                        "source": {"type": "string", "minLength": 1},
                        "severity": {"enum": ["critical", "error", "warning", "info"]},
                        "timestamp": {"type": "string", "format": "date-time"},
                        "component": {"type": "string"},
                        "group": {"type": "string"},
                        "class": {"type": "string"},
                        "custom_details": {"type": "object"},
                    },
                },
            },
        },
        {
            "type": "object",
            "required": ["routing_key", "event_action", "dedup_key"],
            "additionalProperties": False,
            "properties": {
                "routing_key": _KEY,
                "event_action": {"enum": ["acknowledge", "resolve"]},
                "dedup_key": _DEDUP,
            },
        },
    ]
}
PAGERDUTY_BYTES = 512 * 1024

# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Payload structure"
WEBHOOK: dict[str, Any] = {
    "type": "object",
    "required": ["type", "timestamp", "data"],
    "properties": {
        "type": {"type": "string", "pattern": r"^[a-zA-Z0-9_.]+$"},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
}
