"""One look at the bytes of a document that tells whether there is anything to remove: most hold nothing.

A find of the expression costs microseconds, and in a trace every span has some: `server.address`, the id of a thread.
Names, and what stands between them, repeat from event to event. So JSON with more than a few finds is taken apart at
its names, and the expression sees only what was not met lately. Each piece is judged without the name before it, which
can only make it look worse (digits under `order_id` are no card number); what looks bad so is looked at again where it
stands.
"""

import re
from collections.abc import Iterable

from tradewatch.inbox.scrub import patterns
from tradewatch.inbox.scrub.keys import IP_ADDRESS
from tradewatch.inbox.scrub.policy import Rules
from tradewatch.inbox.scrub.text import is_card_at

ANYTHING, ADDRESSES, NOTHING = "anything", "addresses", "nothing"

FEW = 3  # finds of the expression that cost less than to take a document apart

_ESCAPE = re.compile(r"u[0-9a-fA-F]{4}|[nrtbf]")
# A quote that no backslash escapes, then no quote and no backslash, then a colon: in JSON this is a whole name, never a
# part of a text.
_NAME = re.compile(rb'"(?<=[{, ]")([^"\\]*)":')
_BETWEEN = b'"":'


def survey(data: bytes, rules: Rules) -> tuple[str, int]:
    """Return what the JSON `data` may hold (ANYTHING, ADDRESSES, NOTHING), and how many names of addresses it has."""
    found = _survey_whole(data, rules, most=FEW)
    if found is None:
        pieces = _NAME.split(data)
        addresses = _addresses_among(pieces[1::2], rules)
        if addresses is not None and _holds_nothing(pieces[::2], rules):
            return (ADDRESSES, addresses) if addresses else (NOTHING, 0)
    return found or _survey_whole(data, rules) or (ANYTHING, 0)


def _addresses_among(names: list[bytes], rules: Rules) -> int | None:
    """Return how many of `names` are of addresses; None when one is of a secret, or holds one itself."""
    addresses = 0
    for name in rules.names.unmet(names):
        if name not in rules.address_names:
            found, count = _survey_whole(b'{"%s":0}' % name, rules) or (ANYTHING, 0)
            kind = rules.kind(name.decode("utf-8", "replace"))
            if found == NOTHING and kind is None:
                rules.names.meet((name,))
                continue
            if kind != IP_ADDRESS or found == ANYTHING or count > 1:
                return None
            rules.meet_address_name(name)
        addresses += names.count(name)
    return addresses


def _holds_nothing(pieces: Iterable[bytes], rules: Rules) -> bool:
    unmet = rules.pieces.unmet(pieces)
    if _survey_whole(_BETWEEN.join(unmet), rules) != (NOTHING, 0):
        return False
    rules.pieces.meet(unmet)
    return True


def _survey_whole(data: bytes, rules: Rules, *, most: int | None = None) -> tuple[str, int] | None:
    """Return the same by the expression alone; None after `most` finds."""
    addresses, position, finds = 0, 0, 0
    search = rules.patterns.search
    while found := search(data, position):
        finds += 1
        if finds == most:
            return None
        group = found.lastindex
        start, end = found.span(group)
        position = end
        if group == patterns.NAME:
            kind = _kind_at(data, start, end, rules)
            if kind == IP_ADDRESS:
                addresses += 1
            elif kind:
                return ANYTHING, 0
        elif group == patterns.CARD:
            if is_card_at(data, start, end, trusts_bare_id=False):
                return ANYTHING, 0
            position = start + 1
        elif group == patterns.IBAN:
            if patterns.iban_length(data[start : start + 50].decode("latin-1")):
                return ANYTHING, 0
            position = start + 2
        else:
            return ANYTHING, 0
    return (ADDRESSES, addresses) if addresses else (NOTHING, 0)


def _kind_at(data: bytes, start: int, end: int, rules: Rules) -> str | None:
    name = data[start:end].decode("utf-8", "replace")
    kind = rules.kind(name)
    if kind is None and data[start - 1 : start] == b"\\" and (escape := _ESCAPE.match(name)):
        return rules.kind(name[escape.end() :])  # `\npin=1`: the n belongs to the escape
    return kind
