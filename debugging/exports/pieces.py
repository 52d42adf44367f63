"""The pieces of a request as every format writes them: what no client would send, or a terminal acts upon, is gone."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from debugging.choices import SecretPlace
from debugging.exports.shapes import Reproduction, Slot
from debugging.requests.encoding import FORM, MULTIPART, content_of, content_type_of
from debugging.requests.headers import DROPPED, fault_in_header, header_of
from debugging.requests.modifying import fault_in_method
from debugging.requests.pointers import PointerError, tokens_of, with_value
from debugging.requests.shapes import WebRequest

# Controls, and marks that change the order in which text is shown: a terminal acts upon them when a line is pasted.
ACTED_UPON = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
NOT_KNOWN = "removed"  # stands in a body where a value is not known and nobody has set it
_HALF_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def method_of(request: WebRequest) -> str:
    return "GET" if fault_in_method(request.method) else request.method


def target_of(request: WebRequest) -> str:
    """Return path and query, escaped: nothing in it ends a line, a word or a URL."""
    path = quote(_HALF_ESCAPE.sub("%25", request.path.lstrip("/")), safe="/%:@!$&()*+,;=~", errors="replace")
    query = urlencode(request.query, errors="replace")
    return f"/{path}?{query}" if query else f"/{path}"


def headers_of(repro: Reproduction) -> list[tuple[str, str]]:
    """Return what is sent of the request's headers, those that slots fill left out."""
    filled = {slot.name.lower() for slot in repro.slots_in(SecretPlace.HEADER)}
    if repro.slots_in(SecretPlace.COOKIE):
        filled.add("cookie")
    sent = [(name, value.strip()) for name, value in repro.request.headers if is_sent(name, value)]
    sent = [(name, value) for name, value in sent if name.lower() not in filled]
    if sends_json(repro.request) and not header_of(sent, "Content-Type"):
        sent.append(("Content-Type", "application/json"))
    return sent


def cookies_of(repro: Reproduction) -> str:
    """Return the request's own cookies, where slots bring others; else they are in its headers."""
    known = header_of(repro.request.headers, "Cookie")
    filled = repro.slots_in(SecretPlace.COOKIE)
    names = {slot.name for slot in filled}
    if not filled or not is_sent("Cookie", known):
        return ""
    return "; ".join(each for each in known.split("; ") if "=" in each and each.partition("=")[0] not in names)


def is_sent(name: str, value: str) -> bool:
    value = value.strip()
    return not fault_in_header(name, value) and "\n" not in value and not ACTED_UPON.search(value)


def left_out(request: WebRequest) -> Iterator[str]:
    """Name the headers that cannot be sent as they are."""
    for name, value in request.headers:
        if name.lower() not in DROPPED and not is_sent(name, value):
            yield f"header {one_line(name)}"


def sends_json(request: WebRequest) -> bool:
    if request.body is None or not request.is_json:
        return False
    return not isinstance(request.body, dict) or content_type_of(request.headers)[0] not in (FORM, MULTIPART)


def body_text(request: WebRequest) -> str | None:
    """Return the body; None: there is none. JSON has what a terminal acts upon as escapes, which mean the same."""
    content = content_of(request)
    if content is None:
        return None
    text = content.decode("utf-8", "replace")
    return ACTED_UPON.sub(lambda found: f"\\u{ord(found[0]):04x}", text) if sends_json(request) else text


def without_unset(repro: Reproduction) -> Reproduction:
    """Return it for a format that cannot leave a part of the body out: what was taken out of that is lost to it."""
    unset = [slot for slot in repro.slots_in(SecretPlace.BODY) if not slot.is_required]
    kept = [slot for slot in repro.slots if slot not in unset]
    return replace(repro, slots=kept, lost=[*repro.lost, *(slot.words for slot in unset)])


def body_slots(repro: Reproduction) -> list[Slot]:
    """Return the slots that can be filled: those that point at a place of a JSON body."""
    if not sends_json(repro.request):
        return []
    found = repro.slots_in(SecretPlace.BODY)
    return [slot for slot in found if _filled(repro.request.body, slot, "") is not None]


def body_without_slots(repro: Reproduction) -> str | None:
    """Return the body's text with a word in the place of what must be set."""
    return body_text(replace(repro.request, body=_marked(repro, lambda _: NOT_KNOWN)))


def body_parts(repro: Reproduction) -> list[str | Slot]:
    """Return the body's text, cut where slots fill it: each within the quotes of a JSON string. Empty: no body."""
    text = body_text(replace(repro.request, body=_marked(repro, _mark)))
    parts: list[str | Slot] = [] if text is None else [text]
    for number, slot in enumerate(_required(repro)):
        parts = [piece for part in parts for piece in _cut(part, f'"{_mark(number)}"', slot)]
    return parts


def pointer_tokens(slot: Slot) -> list[str]:
    return tokens_of(slot.name)


def one_line(text: str) -> str:
    """Return text that can stand in a comment of any language: one line, and nothing in it that is not seen."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def lost_of(repro: Reproduction) -> list[str]:
    """Name what the file can neither hold nor read from the environment."""
    unfilled = {slot.words for slot in repro.slots_in(SecretPlace.BODY)} - {slot.words for slot in body_slots(repro)}
    return [one_line(each) for each in dict.fromkeys([*repro.lost, *sorted(unfilled), *left_out(repro.request)])]


def _required(repro: Reproduction) -> list[Slot]:
    return [slot for slot in body_slots(repro) if slot.is_required]


def _marked(repro: Reproduction, mark: Callable[[int], str]) -> Any:
    body = repro.request.body
    for number, slot in enumerate(_required(repro)):
        body = _filled(body, slot, mark(number))
    return body


def _filled(body: Any, slot: Slot, value: str) -> Any:
    """Return the body with a value in the slot's place; None: there is no such place."""
    try:
        tokens = tokens_of(slot.name)
        return with_value(body, tokens, value, inserts=False) if tokens else None
    except PointerError:
        return None


def _mark(number: int) -> str:
    return f"\ue000slot {number}\ue001"  # of Unicode's private use area


def _cut(part: str | Slot, mark: str, slot: Slot) -> list[str | Slot]:
    if isinstance(part, Slot):
        return [part]
    before, found, after = part.partition(mark)
    return [f'{before}"', slot, f'"{after}'] if found else [part]
