"""A request made ready for a target: its address, and the secrets that the SDK has removed. Values in, values out.

Made twice: as it is sent, and with marks in place of the secrets, as it is stored, shown and logged.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import httpx

from debugging.choices import SecretPlace
from debugging.requests.encoding import content_of
from debugging.requests.headers import header_of, with_header
from debugging.requests.modifying import MOST_BODY_BYTES, fault_in_method, fault_in_path
from debugging.requests.pointers import PointerError, tokens_of, value_at, with_value
from debugging.requests.shapes import Pairs, WebRequest
from debugging.targets.masking import MASK, forms_of
from tradewatch.core.faults import Invalid

MOST_STORED_CHARACTERS = 256 << 10
_IN_A_PATH = "/%:@!$&'()*+,;=~-._"
Place = tuple[str, str]  # ("header", "authorization")


class Addressed(Protocol):
    @property
    def base_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Secret:
    place: str
    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prepared:
    """`url`, `headers` and `content` are what is sent. `shown` is {"method", "url", "headers", "body", "removed"}
    without secrets; `forms` is what they look like in an answer."""

    method: str
    url: str = field(repr=False)
    headers: Pairs = field(repr=False)
    content: bytes | None = field(repr=False)
    shown: dict[str, Any]
    forms: tuple[str, ...] = field(default=(), repr=False)

    def with_headers(self, more: Iterable[tuple[str, str]]) -> "Prepared":
        """Return it with headers that are no secrets."""
        headers, shown = self.headers, tuple((name, value) for name, value in self.shown["headers"])
        for name, value in more:
            headers, shown = with_header(headers, name, value), with_header(shown, name, value)
        return replace(self, headers=headers, shown={**self.shown, "headers": [list(pair) for pair in shown]})


def filled(
    request: WebRequest, target: Addressed, secrets: Sequence[Secret], *, kept: Collection[Place] = ()
) -> Prepared:
    """Return the request with the target's secrets in it, except in places that a modification names (`kept`).

    Raises `Invalid` for what cannot be sent: a path or method that is none, a body that is too large.
    """
    if fault := fault_in_path(request.path):
        raise Invalid("bad path", errors={"modifications.path": [f"the request's path {fault}: give another"]})
    if fault := fault_in_method(request.method):
        raise Invalid("bad method", errors={"modifications.method": [fault]})
    used = [each for each in secrets if each.value and (each.place, _folded(each)) not in kept]
    real, missing = _with_secrets(request, used)
    marked, _ = _with_secrets(request, [replace(each, value=MASK) for each in used])
    content = content_of(real)
    if content is not None and len(content) > MOST_BODY_BYTES:
        raise Invalid("too large", errors={"modifications.body": [f"is larger than {MOST_BODY_BYTES >> 10} KiB"]})
    return Prepared(
        method=real.method,
        url=_url(real, target.base_url),
        headers=_typed(real).headers,
        content=content,
        shown=_shown(marked, target.base_url, missing),
        forms=forms_of(each.value for each in secrets),
    )


def _folded(secret: Secret) -> str:
    return secret.name.lower() if secret.place == SecretPlace.HEADER else secret.name


def _with_secrets(request: WebRequest, secrets: Iterable[Secret]) -> tuple[WebRequest, list[str]]:
    """Return the request with the secrets, and which of them had no place in its body."""
    missing = []
    for secret in secrets:
        try:
            request = _with_secret(request, secret)
        except PointerError:
            missing.append(f"secret body {secret.name}")
    return request, missing


def _with_secret(request: WebRequest, secret: Secret) -> WebRequest:
    match secret.place:
        case SecretPlace.HEADER:
            request = replace(request, headers=with_header(request.headers, secret.name, secret.value))
        case SecretPlace.QUERY:
            rest = tuple(pair for pair in request.query if pair[0] != secret.name)
            request = replace(request, query=(*rest, (secret.name, secret.value)))
        case SecretPlace.COOKIE:
            cookie = _cookie_with(header_of(request.headers, "Cookie"), secret)
            request = replace(request, headers=with_header(request.headers, "Cookie", cookie))
        case SecretPlace.BODY:
            request = replace(request, body=_body_with(request, secret))
    name = f"{secret.place} {_folded(secret)}"
    is_header = secret.place == SecretPlace.HEADER
    back = tuple(each for each in request.removed if (each.lower() if is_header else each) != name)
    return replace(request, removed=back)


def _cookie_with(cookie: str, secret: Secret) -> str:
    others = [each.strip() for each in cookie.split(";") if each.strip()]
    return "; ".join(
        [each for each in others if each.partition("=")[0] != secret.name] + [f"{secret.name}={secret.value}"]
    )


def _body_with(request: WebRequest, secret: Secret) -> Any:
    tokens = tokens_of(secret.name)
    if not request.is_json or not tokens or not isinstance(request.body, dict | list):
        raise PointerError("no place for it")
    if isinstance(value_at(request.body, tokens[:-1]), list):
        value_at(request.body, tokens)  # in place of an entry, never beside it
    return with_value(request.body, tokens, secret.value, inserts=False)


def _url(request: WebRequest, base_url: str) -> str:
    """Return the address: always of the target's own host, whatever stands in the path."""
    base = base_url.rstrip("/")
    query = f"?{urlencode(request.query)}" if request.query else ""
    url = f"{base}{quote(request.path, safe=_IN_A_PATH)}{query}"
    try:
        one, other = httpx.URL(url), httpx.URL(base)
    except httpx.InvalidURL as error:
        raise Invalid("bad address", errors={"modifications.path": ["makes no address"]}) from error
    if (one.scheme, one.host, one.port) != (other.scheme, other.host, other.port):
        raise Invalid("bad address", errors={"modifications.path": ["leads to another host"]})
    return url


def _typed(request: WebRequest) -> WebRequest:
    """Say that a body is JSON where nothing says what it is."""
    if request.body is None or not request.is_json or header_of(request.headers, "Content-Type"):
        return request
    return replace(request, headers=(*request.headers, ("Content-Type", "application/json")))


def _shown(request: WebRequest, base_url: str, missing: Sequence[str]) -> dict[str, Any]:
    content = content_of(request) or b""
    is_long = len(content) > MOST_STORED_CHARACTERS
    body = content[:MOST_STORED_CHARACTERS].decode("utf-8", "replace") + " [cut]" if is_long else request.body
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='[]: /')}" for name, value in request.query)
    return {
        "method": request.method,
        "url": f"{base_url.rstrip('/')}{quote(request.path, safe=_IN_A_PATH)}{'?' if query else ''}{query}",
        "headers": [list(pair) for pair in _typed(request).headers],
        "body": body,
        "removed": [*request.removed, *missing],
    }
