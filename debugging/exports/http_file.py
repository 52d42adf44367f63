"""A request as a .http file, as the REST Client of VS Code and the HTTP Client of JetBrains read it.

https://github.com/Huachao/vscode-restclient#usage https://www.jetbrains.com/help/idea/exploring-http-syntax.html
Both put variables in for {{...}}, and read a line of the body that begins with < or > as a file or a script: what an
event holds must become neither.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

from debugging.choices import SecretPlace
from debugging.exports.heads import head_lines
from debugging.exports.pieces import (
    body_parts,
    cookies_of,
    headers_of,
    method_of,
    one_line,
    sends_json,
    target_of,
    without_unset,
)
from debugging.exports.shapes import TARGET_VARIABLE, File, Reproduction, Slot
from tradewatch.core.faults import Invalid

_READ_OTHERWISE = re.compile(r"^[ \t]*(?:#|<|>|//|@)", re.MULTILINE)


def http_file(repro: Reproduction) -> File:
    """Raises `Invalid` for a body that this format would read as something else."""
    repro = without_unset(repro)
    return File(f"{repro.name.lower()}.http", "\n".join([*_lines(repro), ""]))


def _lines(repro: Reproduction) -> Iterator[str]:
    yield from (f"# {line}" for line in head_lines(repro))
    yield "# In JetBrains' clients write {{$env.NAME}} for {{$processEnv NAME}}."
    yield f"@target = {repro.base_url}" if repro.base_url else f"@target = {{{{$processEnv {TARGET_VARIABLE}}}}}"
    yield from (f"@{slot.variable} = {{{{$processEnv {slot.variable}}}}}" for slot in repro.slots)
    yield from ("", f"### {repro.name}", *_if_known(repro))
    yield f"{method_of(repro.request)} {{{{target}}}}{_target(repro)}"
    yield from _headers(repro)
    if (body := _body(repro)) is not None:
        yield from ("", body)


def _target(repro: Reproduction) -> str:
    target = target_of(repro.request)
    for slot in _required(repro, SecretPlace.QUERY):
        target += f"{'&' if '?' in target else '?'}{quote(slot.name, safe='')}={_variable(slot)}"
    return target


def _headers(repro: Reproduction) -> Iterator[str]:
    yield from (f"{name}: {value}" for name, value in headers_of(repro) if "{{" not in value)
    yield from (f"{slot.name}: {_variable(slot)}" for slot in _required(repro, SecretPlace.HEADER))
    known = cookies_of(repro)
    cookies = [known] if known and "{{" not in known else []
    cookies += [f"{slot.name}={_variable(slot)}" for slot in _required(repro, SecretPlace.COOKIE)]
    if cookies:
        yield f"Cookie: {'; '.join(cookies)}"


def _if_known(repro: Reproduction) -> Iterator[str]:
    """What is not sent as the file stands, as comments above the request: this format has no "where it is set"."""
    for slot in repro.slots:
        if not slot.is_required:
            yield f"# add, once it is known: {one_line(slot.words)} with {_variable(slot)}"
    for name, value in headers_of(repro):
        if "{{" in value:
            yield f"# left out, it would be read as a variable: header {name}"


def _required(repro: Reproduction, place: SecretPlace) -> list[Slot]:
    return [slot for slot in repro.slots_in(place) if slot.is_required]


def _body(repro: Reproduction) -> str | None:
    parts = body_parts(repro)
    if not parts:
        return None
    if not sends_json(repro.request):
        text = "".join(part for part in parts if isinstance(part, str))
        if "{{" in text or "\r" in text or _READ_OTHERWISE.search(text):
            raise Invalid(
                "this body cannot be written as a .http file, which would read a part of it as a variable, a comment, "
                "a file or a script: take pytest or curl",
                errors={"format": ["cannot hold this body"]},
            )
        return text
    # Within a JSON string a brace may be an escape; elsewhere two of them never stand together.
    return "".join(part.replace("{{", "{\\u007b") if isinstance(part, str) else _variable(part) for part in parts)


def _variable(slot: Slot) -> str:
    return f"{{{{{slot.variable}}}}}"
