"""Takes out of a message what differs from one report to the next, so that the rest names the cause."""

from functools import lru_cache

import re2

# Numbers and hexadecimal ids share one mark: of random ids, some happen to be all digits.
_VARIABLE = re2.compile(
    "|".join(
        [
            r"(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)",
            r"(?P<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)",
            r"(?P<quoted>\B'[^'\n]*'\B|\"[^\"\n]*\")",
            r"(?P<time>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b"
            r"|\b\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?\b)",
            r"(?P<ip>\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b"
            r"|\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\b|\b(?:[0-9a-fA-F]{1,4}:){2,6}:[0-9a-fA-F:]*)",
            r"(?P<address>\b0[xX][0-9a-fA-F]+\b)",
            r"(?P<number>\b\d[\d,_]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?:[num]?s|min|h|d|%|[kKMG]i?B|B)?\b"
            r"|\b[a-fA-F]{0,4}\d[0-9a-fA-F]{3,}\b)",
        ]
    )
)


@lru_cache(maxsize=4096)
def parameterise(message: str) -> str:
    """Return `message` with uuids, mails, quoted values, times, IPs, memory addresses, numbers and hex ids as marks.

    `Order 8f21ac77 of 'desk 7' took 12.5s` becomes `Order <number> of <quoted> took <number>`.
    """
    parameterised: str = _VARIABLE.sub(_mark, message)
    return parameterised


def _mark(match: "re2._Match") -> str:
    return f"<{match.lastgroup}>"
