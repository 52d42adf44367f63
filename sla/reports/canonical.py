"""The bytes that a report's SHA-256 is of: RFC 8785 as far as our documents go (texts, integers, booleans, null)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return the document without its own `sha256`: keys sorted, no spaces, UTF-8. It holds no floats."""
    body = {key: value for key, value in document.items() if key != "sha256"}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sealed(document: Document) -> Document:
    """Return the document with the SHA-256 of all the rest of it."""
    return {**document, "sha256": digest_of(canonical(document))}
