"""A request as a line for a shell. It is pasted: nothing that a client sent may become code there.

Every value is one quoted word; what a terminal acts upon is written as an octal escape or, in headers, left out; curl's
own ways to read files are closed. The same in bash and in dash.
"""

import shlex
from collections.abc import Iterator
from urllib.parse import quote

from debugging.choices import SecretPlace
from debugging.exports.heads import head_lines
from debugging.exports.pieces import (
    ACTED_UPON,
    body_parts,
    cookies_of,
    headers_of,
    method_of,
    target_of,
    without_unset,
)
from debugging.exports.shapes import TARGET_VARIABLE, File, Reproduction, Slot

LONGEST_WORD = 100_000  # bytes: Linux gives a program no argument above 128 KiB, a shell's own printf any


def curl_file(repro: Reproduction) -> File:
    repro = without_unset(repro)
    head = "".join(f"# {line}\n" for line in head_lines(repro))
    return File(f"{repro.name.lower()}.sh", f"{head}{curl_line(repro)}\n")


def curl_line(repro: Reproduction) -> str:
    """Return the command, one option a line. Where the body cannot be a word, it comes through a pipe."""
    parts = body_parts(repro)
    text = "".join(part for part in parts if isinstance(part, str))
    piped = bool(ACTED_UPON.search(text)) or len(text.encode()) > LONGEST_WORD
    if not parts:
        return _joined(["curl", *_options(repro)])
    if not piped:
        return _joined(["curl", *_options(repro), f"--data-raw {_word(parts)}"])
    filled = "".join(f' "{_value(part)}"' for part in parts if isinstance(part, Slot))
    return f"printf -- {_format(parts)}{filled} | " + _joined(["curl", *_options(repro), "--data-binary @-"])


def _joined(options: list[str]) -> str:
    return " \\\n  ".join(options)


def _options(repro: Reproduction) -> Iterator[str]:
    method = method_of(repro.request)
    # `=` allows these alone; --globoff: brackets in an address are no pattern; --path-as-is: dots in it are kept.
    yield "--include --silent --show-error --proto =http,https --globoff --path-as-is"
    yield "--head" if method == "HEAD" and repro.request.body is None else f"--request {method}"
    yield f'--url "{_target(repro)}"{shlex.quote(target_of(repro.request))}'
    for slot in repro.slots_in(SecretPlace.QUERY):
        yield _option("--url-query", f"{quote(slot.name, safe='')}=", slot)
    for name, value in headers_of(repro):
        yield f"--header {shlex.quote(f'{name}: {value}' if value else f'{name};')}"
    for slot in repro.slots_in(SecretPlace.HEADER):
        yield _option("--header", f"{slot.name}: ", slot)
    yield from _cookies(repro)


def _cookies(repro: Reproduction) -> Iterator[str]:
    if known := cookies_of(repro):
        yield f"--cookie {shlex.quote(known)}"  # with a `=` in it: else it would name a file
    for slot in repro.slots_in(SecretPlace.COOKIE):
        yield _option("--cookie", f"{slot.name}=", slot)


def _option(option: str, prefix: str, slot: Slot) -> str:
    """Return an option with a slot's value; one that may be missing goes with its option."""
    word = shlex.quote(prefix)
    if slot.is_required:
        return f'{option} {word}"{_value(slot)}"'
    return f'${{{slot.variable}:+{option}}} ${{{slot.variable}:+{word}"${slot.variable}"}}'


def _target(repro: Reproduction) -> str:
    if repro.base_url:
        return f"${{{TARGET_VARIABLE}:-{repro.base_url}}}"
    return f"${{{TARGET_VARIABLE}:?say where it is sent}}"


def _value(slot: Slot) -> str:
    return f"${{{slot.variable}:?is not set}}"


def _word(parts: list[str | Slot]) -> str:
    return "".join(shlex.quote(part) if isinstance(part, str) else f'"{_value(part)}"' for part in parts)


def _format(parts: list[str | Slot]) -> str:
    """Return the body as the format of printf, in single quotes."""
    return shlex.quote("".join(_octal(part) if isinstance(part, str) else "%s" for part in parts))


def _octal(text: str) -> str:
    """Return text as printf reads it: escapes for what a terminal acts upon, and for printf's own signs."""
    found = text.replace("\\", "\\\\").replace("%", "%%")
    return ACTED_UPON.sub(lambda each: "".join(f"\\{byte:03o}" for byte in each[0].encode("utf-8", "replace")), found)
