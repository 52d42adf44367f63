"""Secrets inside texts: only the secret part goes, the words around it stay.

Works on UTF-8 bytes, like the patterns. Whatever quoting a value has (`password='x'`, `"password": "x"`, the same
escaped once or twice, `password%22%3A%22x`, `?password=x&`), it ends where that quoting ends; an unclosed quote
(a repr that an SDK cut) ends with the text.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from tradewatch.inbox.scrub import patterns
from tradewatch.inbox.scrub.keys import IP_ADDRESS, is_identifier
from tradewatch.inbox.scrub.policy import Rules

FILTERED = "[Filtered]"
MARKER = re.compile(rb"\[removed: [a-z -]{2,20}\]|\[Filtered\]")
MAX_ROUNDS = 4
MAX_DECODINGS = 3
MAX_ADDRESS = 200

_QUOTE = rb"(?:\\*[\"']|%2[27]|&(?:quot|#0?39|#x27);)"
_SEPARATOR = re.compile(
    rb"(?P<quote>" + _QUOTE + rb")?(?:\]|%5[dD])?(?:\s|\\+[nrt]|%20)*"
    rb"(?P<sign>=>|:=|[:=]{1,2}|%3[aAdD]|,)?(?:\s|\\+[nrt]|%20|\+(?=%))*(?P<prefix>[bBuUrRfF]{1,2}(?=\\*[\"']))?",
)
_OPENING = re.compile(rb"(?P<opening>" + _QUOTE + rb")")
_CALL = re.compile(rb"[\w.]*[\[{(]")
_BARE = re.compile(rb"(?:[^\s&\"'<>\\]|\\(?![nrt\"']))+")
_BARE_END = re.compile(rb"(?<![,;)\]}])[,;)\]}]+(?:$|[\w.\-]+[=:])")
_CREDENTIAL = re.compile(rb"(?i:bearer|basic|token|digest|hmac|[\w\-]*sha256)\s+")
_LINE = re.compile(rb"(?:[^\r\n\"'\\]|\\(?![nr\"']))+")
_COOKIE_FLAGS = frozenset((b"", b"secure", b"httponly", b"partitioned", b"[removed: cookie]", b"[filtered]"))
_COOKIE_ATTRIBUTES = frozenset((b"path", b"domain", b"max-age", b"expires", b"samesite"))
_PLACEHOLDER = re.compile(
    rb"(?i)(?:none|null|nil|true|false|undefined|\*+|\?|%s|%\(\w+\)s|\$\d+|:\w+|\{\w*\}|\$\{?\w+\}?|)[,;)\]}.]*"
)
_ADDRESS = re.compile(rb"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:]*:[0-9a-fA-F.]*")
_BRACKETS = re.compile(rb"\\.|[\"'\[\](){}]", re.DOTALL)
_ESCAPED = re.compile(rb"\\(?:u00|x)([2-7][0-9a-fA-F])")
_WEAK = frozenset(("session", "authorization"))  # "session: LDN" in a sentence is no session cookie


class Removal(NamedTuple):
    """Replace `data[start:end]`. `kind` None: nothing to remove, go on at `end`."""

    start: int
    end: int
    kind: str | None = None
    text: bytes | None = None  # instead of the marker


def marker(kind: str) -> str:
    return f"[removed: {kind}]"


def looks_like_address(text: str) -> bool:
    return _ADDRESS.search(text.encode("utf-8", "surrogatepass")) is not None


def scrub_with(text: str, rules: Rules, *, is_code: bool = False, name: str = "") -> tuple[str, list[str]]:
    """Return the text without its secrets, and the kinds removed. `is_code`: a line of source, where only literals are
    values. `name`: the key that the text stands under (an order id may look like a card number)."""
    data = text.encode("utf-8", "surrogatepass")
    kinds: list[str] = []
    for _ in range(MAX_ROUNDS):
        scrubbed = _scrub_once(data, rules, kinds, is_code, is_identifier(name))
        if scrubbed == data:
            break
        data = scrubbed
    return (data.decode("utf-8", "surrogatepass"), kinds) if kinds else (text, kinds)


def _scrub_once(
    data: bytes, rules: Rules, kinds: list[str], is_code: bool, is_id: bool, decodings: int = MAX_DECODINGS
) -> bytes:
    pieces, kept_until, position, is_encoded = [], 0, 0, False
    while found := rules.patterns.search(data, position):
        group = found.lastindex
        start, end = found.span(group)
        if group == patterns.ENCODED:
            is_encoded, position = True, end
            continue
        removal = _judge(data, group, start, end, rules, is_code, is_id)
        position = max(removal.end, start + 1)
        if removal.kind:
            replacement = marker(removal.kind).encode() if removal.text is None else removal.text
            if replacement != data[removal.start : removal.end]:
                kinds.append(removal.kind)
            pieces += [data[kept_until : removal.start], replacement]
            kept_until = position
    scrubbed = b"".join([*pieces, data[kept_until:]]) if pieces else data
    if is_encoded and decodings:
        return _scrub_decoded(scrubbed, rules, kinds, is_code, is_id, decodings - 1)
    return scrubbed


def _scrub_decoded(data: bytes, rules: Rules, kinds: list[str], is_code: bool, is_id: bool, decodings: int) -> bytes:
    """Nobody needs to escape a letter or a slash: where one is, look at the text without its escapes, and keep that
    one if it holds a secret."""
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data).replace(b"\\/", b"/")
    decoded = unquote_to_bytes(plain)
    if decoded == data:
        return data
    before = len(kinds)
    scrubbed = _scrub_once(decoded, rules, kinds, is_code, is_id, decodings)
    return scrubbed if len(kinds) > before else data


def _judge(data: bytes, group: int, start: int, end: int, rules: Rules, is_code: bool, is_id: bool) -> Removal:
    if group in (patterns.NAME, patterns.ARGUMENT):
        kind = rules.kind(data[start:end].decode("utf-8", "replace"))
        return _named_value(data, start, end, kind, is_code) if kind else Removal(start, end)
    if group == patterns.CARD:
        return Removal(start, end, "card number") if not is_id and is_card_at(data, start, end) else Removal(start, end)
    if group == patterns.IBAN:
        length = patterns.iban_length(data[start : start + 50].decode("latin-1"))
        return Removal(start, start + length, "iban") if length else Removal(start, start + 2)
    if group == patterns.SCHEME:
        value = data[start:end]
        if not patterns.is_credential(value):
            return Removal(start, start + 6)
        return Removal(start + 6 if value[:6].lower() == b"bearer" else start + 5, end, "token", b" [removed: token]")
    if group == patterns.USERINFO:
        return _userinfo(data, start, end)
    return Removal(start, end, patterns.KINDS.get(group))


def _userinfo(data: bytes, start: int, end: int) -> Removal:
    if end - 1 == start or MARKER.fullmatch(data, start, end - 1):
        return Removal(start, end)
    return Removal(start, end - 1, "password")


def is_card_at(data: bytes, start: int, end: int, *, trusts_bare_id: bool = True) -> bool:
    """Tell whether the digits in `data[start:end]` are a card number and no decimal, no order number.

    A bare `id` is an identifier in a text, and so is what follows `order` or `client`. In JSON an `id` is one of
    whatever the object around it is (`order.id`, but `card.id`), which these bytes do not tell, and `client` alone may
    name anything: without trust in such names the digits count as a card number.
    """
    if data[end : end + 1] == b"." and data[end + 1 : end + 2].isdigit():
        return False
    if data[start - 1 : start] == b"." and data[start - 2 : start - 1].isdigit():
        return False
    digits = re.sub(rb"[ \-]", b"", data[start:end]).decode()
    return patterns.is_card(digits) and not _is_identified(data[max(0, start - 60) : start], trusts_bare_id)


_NAME_BEFORE = re.compile(rb"([A-Za-z][\w.]*)(?:\\*[\"']|%2[27])?[\s:=#(\[\-]*(?:%3[AD])?(?:b?\\*[\"'])?$")


def _is_identified(before: bytes, trusts_bare_id: bool) -> bool:
    """`order_id=4111...`, `clOrdId: 4111...`, `order 4111...`, `ord-4111...`: the word before says what it is."""
    found = _NAME_BEFORE.search(before)
    if not found:
        return False
    name = found[1].decode("ascii", "replace")
    if not trusts_bare_id:
        return name.lower() not in ("id", "ids") and is_identifier(name)
    return is_identifier(name) or is_identifier(f"{name}_id")


def _named_value(data: bytes, start: int, end: int, kind: str, is_code: bool) -> Removal:
    """Find the value that follows the name in `data[start:end]`."""
    separator = _SEPARATOR.match(data, end)
    assert separator  # noqa: S101 - every part of the expression is optional
    sign, at = separator["sign"], separator.end()
    is_quoted_name = separator["quote"] is not None
    opening = _OPENING.match(data, at)
    if not _is_assigned(data, start, end, sign, kind, is_quoted_name, opening is not None):
        return Removal(start, end)
    if found := MARKER.match(data, at + len(opening[0]) if opening else at):
        return Removal(start, found.end())
    if opening:
        value = _quoted(data if kind != IP_ADDRESS else data[: end + MAX_ADDRESS], opening.end(), opening[0])
    elif is_code:
        return Removal(start, end)
    else:
        value = _unquoted(data, at, kind)
    return _checked(data, *value, kind)


def _is_assigned(
    data: bytes, start: int, end: int, sign: bytes | None, kind: str, is_quoted_name: bool, is_quoted_value: bool
) -> bool:
    if sign is None:  # PASSWORD 'x', --password x
        return (is_quoted_value and kind == "password") or data[max(0, start - 2) : start] == b"--"
    if sign == b",":  # one pair of a list of pairs: (b'cookie', b'a=b')
        return (
            is_quoted_name
            and is_quoted_value
            and re.search(rb"[\[(]\s*b?\\*[\"']$", data[max(0, start - 8) : start]) is not None
        )
    if is_quoted_name or is_quoted_value or sign not in (b":", b"::"):
        return True
    if data[max(0, start - 11) : start].lower().endswith(b"nexpected "):  # "Unexpected token: }" of every JSON parser
        return False
    return kind not in _WEAK or data[start:end].lower().endswith(b"authorization")


def _quoted(data: bytes, start: int, quote: bytes) -> tuple[int, int]:
    end = start
    while (end := data.find(quote, end)) >= 0:
        if data[end - 1 : end] != b"\\" or _closes_after_backslashes(data, start, end, quote):
            return start, end
        end += 1
    return start, len(data)


def _closes_after_backslashes(data: bytes, start: int, end: int, quote: bytes) -> bool:
    """A plain quote after an even number of backslashes closes (they escape each other); an escaped quote does not."""
    backslashes = 0
    while end - backslashes > start and data[end - backslashes - 1 : end - backslashes] == b"\\":
        backslashes += 1
    return not quote.startswith(b"\\") and backslashes % 2 == 0


def _unquoted(data: bytes, start: int, kind: str) -> tuple[int, int]:
    call = _CALL.match(data, start)
    if call and kind != IP_ADDRESS:
        return start, _balanced_end(data, call.end() - 1)
    if kind == "cookie":
        line = _LINE.match(data, start)
        return start, line.end() if line else start
    scheme = _CREDENTIAL.match(data, start)
    begin = scheme.end() if scheme else start
    # An address is short, and what turns out to be none is looked at again: never twice at a megabyte.
    bare = _BARE.match(data, begin, begin + MAX_ADDRESS) if kind == IP_ADDRESS else _BARE.match(data, begin)
    if not bare:
        return start, start
    tail = _BARE_END.search(bare[0])
    return start, bare.start() + tail.start() if tail else bare.end()


def _balanced_end(data: bytes, start: int) -> int:
    """Return where the bracket at `start` closes; the end of the data when it never does."""
    depth, quote = 0, b""
    for token in _BRACKETS.finditer(data, start):
        sign = token[0]
        if quote:
            quote = b"" if sign == quote else quote
        elif sign in (b'"', b"'"):
            quote = sign
        elif sign in (b"[", b"(", b"{"):
            depth += 1
        elif sign in (b"]", b")", b"}"):
            depth -= 1
            if depth == 0:
                return token.end()
    return len(data)


def _checked(data: bytes, start: int, end: int, kind: str) -> Removal:
    value = data[start:end]
    if not value or _PLACEHOLDER.fullmatch(value) or MARKER.fullmatch(value):
        return Removal(start, max(end, start))
    if kind == IP_ADDRESS and not _ADDRESS.search(value):
        return Removal(start, start)
    return Removal(start, end, kind, mask_cookies(value) if kind == "cookie" else None)


def mask_cookies(value: bytes) -> bytes:
    """Return a `Cookie` or `Set-Cookie` header with every cookie's name and no cookie's value."""
    return b";".join(_mask_cookie(part) for part in value.split(b";"))


def _mask_cookie(part: bytes) -> bytes:
    name, sign, _ = part.partition(b"=")
    word = name.strip().lower()
    if word in _COOKIE_FLAGS or (sign and word in _COOKIE_ATTRIBUTES):
        return part
    return name + b"=[removed: cookie]" if sign else b"[removed: cookie]"
