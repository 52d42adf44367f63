"""A request as a test for pytest and httpx: it fails while the bug lives, and passes when it is gone.

Whatever the event holds gets into the file as literals of ASCII, or in comments that end with their line.
"""

from collections.abc import Iterator

from debugging.choices import SecretPlace
from debugging.exports.heads import head_lines
from debugging.exports.judging import REFUSED, words_of_gone
from debugging.exports.pieces import (
    body_slots,
    body_without_slots,
    cookies_of,
    headers_of,
    method_of,
    pointer_tokens,
    target_of,
)
from debugging.exports.shapes import TARGET_VARIABLE, File, Reproduction, Slot

INDENT = "    "


def pytest_file(repro: Reproduction) -> File:
    name = repro.name.lower().replace("-", "_")
    return File(f"test_{name}.py", "\n".join([*_lines(repro, name), ""]))


def _lines(repro: Reproduction, name: str) -> Iterator[str]:
    yield from (f"# {line}".rstrip() for line in [*head_lines(repro), *words_of_gone(repro)])
    yield from ("", "import json", "import os", "", "import httpx", "")
    yield f"BASE_URL = {_base_url(repro)}"
    yield f"METHOD = {_literal(method_of(repro.request))}"
    yield f"TARGET = {_literal(target_of(repro.request))}"
    yield from _pairs("HEADERS", headers_of(repro))
    yield from _body(repro)
    yield f"REFUSED = {REFUSED!r}  # it did not get as far as the code in question"
    yield from ("", "", f"def test_{name}_is_gone() -> None:")
    yield from (f"{INDENT}{line}" if line else "" for line in _test(repro))
    yield from ("", "", *_PUT) if body_slots(repro) else ()


def _test(repro: Reproduction) -> Iterator[str]:
    yield "headers, params, cookies = list(HEADERS), [], []"
    if known := cookies_of(repro):
        yield f"cookies.append({_literal(known)})"
    for place, fill in _FILLS.items():
        for slot in repro.slots_in(place):
            yield from _filled(slot, fill.format(name=_literal(slot.name), variable=_literal(slot.variable)))
    yield "if cookies:"
    yield f'{INDENT}headers.append(("Cookie", "; ".join(cookies)))'
    yield from _content(repro)
    yield "url = httpx.URL(BASE_URL.rstrip('/') + TARGET)"
    yield "for name, value in params:"
    yield f"{INDENT}url = url.copy_add_param(name, value)"
    yield "sent = [(name.encode(), value.encode()) for name, value in headers]"
    yield "with httpx.Client(timeout=30, trust_env=False, follow_redirects=False) as client:"
    yield f"{INDENT}response = client.request(METHOD, url, headers=sent, content=content)"
    yield "status, told = response.status_code, response.text[:500]"
    yield from _assertions(repro)


def _assertions(repro: Reproduction) -> Iterator[str]:
    if repro.expected_status is not None:
        right = repro.expected_status
        yield f'assert status == {right}, f"{repro.name} lives: expected {right}, got {{status}} {{told}}"'
        return
    yield 'assert status not in REFUSED, f"this says nothing of the bug, the request was refused: {status} {told}"'
    yield f'assert status < 500, f"{repro.name} lives: {{status}} {{told}}"'
    if repro.failing_status is not None and repro.failing_status < 500:
        yield f'assert status != {repro.failing_status}, f"{repro.name} lives: {{status}} as it was: {{told}}"'


_FILLS = {
    SecretPlace.HEADER: "headers.append(({name}, os.environ[{variable}]))",
    SecretPlace.QUERY: "params.append(({name}, os.environ[{variable}]))",
    SecretPlace.COOKIE: "cookies.append({name} + '=' + os.environ[{variable}])",
}


def _filled(slot: Slot, statement: str) -> Iterator[str]:
    if slot.is_required:
        yield statement
    else:
        yield f"if {_literal(slot.variable)} in os.environ:"
        yield f"{INDENT}{statement}"


def _content(repro: Reproduction) -> Iterator[str]:
    if body_without_slots(repro) is None:
        yield "content = None"
        return
    slots = body_slots(repro)
    if slots:
        yield "body = json.loads(BODY)"
        for slot in slots:
            statement = f"put(body, {_list(pointer_tokens(slot))}, os.environ[{_literal(slot.variable)}])"
            yield from _filled(slot, statement)
    yield "content = json.dumps(body).encode()" if slots else "content = BODY.encode()"


_PUT = (
    "def put(body, way, value) -> None:",
    '    """Put a value where the way through objects and lists leads."""',
    "    *before, last = way",
    "    for token in before:",
    "        body = body[int(token) if isinstance(body, list) else token]",
    "    body[int(last) if isinstance(body, list) else last] = value",
)


def _base_url(repro: Reproduction) -> str:
    if repro.base_url:
        return f"os.environ.get({_literal(TARGET_VARIABLE)}, {_literal(repro.base_url)})"
    return f"os.environ[{_literal(TARGET_VARIABLE)}]"


def _pairs(name: str, pairs: list[tuple[str, str]]) -> Iterator[str]:
    yield f"{name} = ["
    yield from (f"{INDENT}({_literal(key)}, {_literal(value)})," for key, value in pairs)
    yield "]"


def _body(repro: Reproduction) -> Iterator[str]:
    """The text as it is sent, a literal a line."""
    text = body_without_slots(repro)
    if text is not None:
        yield "BODY = ("
        yield from (f"{INDENT}{_literal(line)}" for line in text.splitlines(keepends=True) or [""])
        yield ")"


def _list(tokens: list[str]) -> str:
    return "[" + ", ".join(map(_literal, tokens)) + "]"


def _literal(text: str) -> str:
    """Return text as a literal of Python, in double quotes where that needs no more escapes."""
    single = ascii(text)
    return f'"{single[1:-1]}"' if single[0] == "'" and '"' not in single and "\\'" not in single else single
