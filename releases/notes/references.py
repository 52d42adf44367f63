"""Which issues a commit names. Message in, references out."""

import re
from collections.abc import Iterator

from releases.notes.conventional import Message
from releases.notes.values import Reference

MOST = 20
# `#12`, not of `a#12` or `&#12;`; `RISK-7`, not of longer words.
_NAMED = re.compile(
    r"(?<![\w&/#])#(?P<number>[1-9]\d{0,9})\b|(?<![\w-])(?P<key>[A-Z][A-Z0-9]{1,9}-[1-9]\d{0,6})(?![\w-])"
)
# https://docs.github.com/articles/closing-issues-using-keywords; GitLab's are the same.
_CLOSED = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(#[1-9]\d{0,9}|[A-Z][A-Z0-9]{1,9}-\d+)\b", re.IGNORECASE
)
_NO_KEYS = frozenset(
    {"UTF", "SHA", "ISO", "RFC", "CVE", "TLS", "AES", "RSA", "HTTP", "CP", "MD", "PEP", "ECMA", "IEEE", "X"}
)


def references_of(message: Message, issue_url: str) -> tuple[Reference, ...]:
    """Return what first line and footers name, and what the body says it closes, each once, in that order.

    `issue_url`: where the host shows an issue, `{}` in place of its number; empty: nobody knows.
    """
    closed = " ".join(_CLOSED.findall(message.body))
    said = [message.description, *(each.value for each in message.footers if not each.is_breaking), closed]
    found = dict.fromkeys(name for text in said for name in _names_in(text))
    return tuple(Reference(name, _url_of(name, issue_url)) for name in list(found)[:MOST])


def _names_in(text: str) -> Iterator[str]:
    if "#" not in text and "-" not in text:  # spares most texts the expression
        return
    for found in _NAMED.finditer(text):
        if found["number"]:
            yield f"#{found['number']}"
        elif found["key"].partition("-")[0] not in _NO_KEYS:
            yield found["key"]


def _url_of(name: str, issue_url: str) -> str:
    return issue_url.replace("{}", name[1:]) if issue_url and name.startswith("#") else ""
