"""Descriptions of spans with what differs from one call to the next taken out, so that equal work has one name. Pure.

What is taken out never reaches the aggregates: literals and keys are where personal data would be.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from tradewatch.inbox.scrub import scrub_text
from tradewatch.performance.traces.choices import Category

LONGEST = 500
LONGEST_READ = 5000  # of a description: a statement of a megabyte tells no more than its beginning
REMEMBERED = 10_000

_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=REMEMBERED)
def normal_description(category: str, description: str) -> str:
    """Return what a span is counted under; the same again is what was returned.

    Remembered: SDKs mostly send statements without their literals, a few thousand different ones.
    """
    text = description.replace("\0", "")[:LONGEST_READ].strip()
    normal = _BY_CATEGORY.get(category, normal_words)(text)
    return scrub_text(normal)[:LONGEST].strip()


# --- SQL ----------------------------------------------------------------------------------------------------------
_SQL_WASTE = re.compile(r"/\*.*?(?:\*/|\Z)|--[^\n]*", re.DOTALL)
_SQL_LITERAL = re.compile(
    r"""
      (?P<dollar>\$(?P<tag>[A-Za-z_]\w*|)\$ .*? (?:\$(?P=tag)\$|\Z))     # $$text$$
    | [NEXBnexb]? ' (?:[^'\\]|''|\\.)* (?:'|\Z)                        # 'text', E'text', unfinished when cut off
    | (?P<name>"(?:[^"\\]|""|\\.)*(?:"|\Z))                            # "name", or a text of MySQL's
    # placeholders
    | %\(\w+\)s | %s | \$\d+ | @[A-Za-z_]\w* | (?<![:\w]):[A-Za-z_]\w* | \?\d+
    | 0x[0-9a-fA-F]+\b
    # numbers with a sign that is no minus, but not the 2 of orders_2
    | (?:(?<=[=(,<>])[-+]|(?<=[=(,<>]\s)[-+])?(?<![\w.$"`])(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)
    """,
    re.VERBOSE | re.DOTALL,
)
_SQL_IDENTIFIER = re.compile(r'"[A-Za-z_][\w$]*"')
_SQL_LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)")
_SQL_ARRAY = re.compile(r"\[\s*\?(?:\s*,\s*\?)*\s*\]")
_SQL_ROWS = re.compile(r"(\bVALUES\s*\([^()]*\))(?:\s*,\s*\([^()]*\))+", re.IGNORECASE)
_SQL_REPEATED_LIST = re.compile(r"\(\?\)(?:\s*,\s*\(\?\))+")
_SQL_NUMBERED = re.compile(r"(?<=[A-Za-z_])\d{4,}(?:_\d+)*|(?<=_)[0-9a-f]{8,}(?![A-Za-z])")
_SQL_SAVEPOINT = re.compile(r"^((?:RELEASE |ROLLBACK TO )?SAVEPOINT)\b.*", re.IGNORECASE | re.DOTALL)
_SQL_CURSOR = re.compile(r'(?P<quote>"?)_django_curs\w+(?P=quote)')


def normal_sql(text: str) -> str:
    """Return the statement with `?` for each literal and placeholder, and one `?` for a list of any length."""
    text = _SQL_WASTE.sub(" ", text)
    text = _SQL_CURSOR.sub("?", text)
    text = _SQL_LITERAL.sub(_mark_literal, text)
    text = _SQL_SAVEPOINT.sub(r"\1 ?", text.strip())
    text = _SQL_LIST.sub("(?)", text)
    text = _SQL_ARRAY.sub("[?]", text)
    text = _SQL_ROWS.sub(r"\1", text)
    text = _SQL_REPEATED_LIST.sub("(?)", text)
    text = _SQL_NUMBERED.sub("?", text)
    return _SPACES.sub(" ", text).strip(" ;")


def _mark_literal(found: re.Match[str]) -> str:
    name = found["name"]
    return name if name is not None and _SQL_IDENTIFIER.fullmatch(name) else "?"


# --- addresses ----------------------------------------------------------------------------------------------------
_URL = re.compile(
    r"""
    ^(?:(?P<method>[A-Za-z]{3,10})\s+)?
    (?:(?P<scheme>[A-Za-z][\w+.-]*):)?
    (?://(?:[^/?\#@\s]*@)?(?P<host>\[[^\]]*\]|[^/?\#:\s]*)(?::(?P<port>\d*))?)?
    (?P<path>[^?\#\s]*)
    """,
    re.VERBOSE,
)
_EPHEMERAL_PORT = 32_768
_ID_SEGMENT = re.compile(
    r"""
      \d[\d.,:_-]*                                          # 42, 2026-11-26, 1.5
    | [0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}  # a UUID
    | (?=[^0-9]*[0-9])[0-9a-fA-F]{7,}                       # a hash
    | (?=[^0-9]*[0-9])[\w~=%+-]{20,}                        # a token
    | [^/]*@[^/]*                                           # an e-mail address
    | [A-Za-z]{1,6}[-_]\d[\d_-]*                             # ord-4711
    | [A-Za-z]{1,3}\d{4,}                                   # A4711
    | \{[^}]*\} | :\w+ | <[^>]*>                            # already a pattern of some framework
    """,
    re.VERBOSE,
)
_FILE_ID = re.compile(r"(?P<stem>.+)(?P<ending>\.[A-Za-z]\w{0,5})")
_HASH_IN_NAME = re.compile(r"(?<=[.-])(?=[A-Za-z]*\d)[0-9A-Za-z_]{8,}\Z")  # app-1a2b3c4d.js
_ID = "{id}"


def normal_url(text: str) -> str:
    """Return method, host and path of an address with `{id}` for each segment that names one thing among many."""
    if text.startswith(("data:", "blob:")):
        return text.split(":", 1)[0] + ":"
    found = _URL.match(text)
    if found is None:
        return normal_words(text)
    host, port, scheme = found["host"], found["port"], found["scheme"]
    if scheme is None and host is None and not found["path"].startswith("/"):
        return normal_words(text)
    where = ""
    if host is not None:
        where = f"{scheme + ':' if scheme else ''}//{host.lower()}"
        where += f":{port}" if port and int(port) < _EPHEMERAL_PORT else ""
    method = f"{found['method'].upper()} " if found["method"] else ""
    return f"{method}{where}{normal_path(found['path'])}"


def normal_path(path: str) -> str:
    return "/".join(_normal_segment(segment) for segment in path.split("/"))


def _normal_segment(segment: str) -> str:
    if not segment:
        return segment
    if _ID_SEGMENT.fullmatch(segment):
        return _ID
    if named := _FILE_ID.fullmatch(segment):
        stem = named["stem"]
        return (_ID if _ID_SEGMENT.fullmatch(stem) else _HASH_IN_NAME.sub(_ID, stem)) + named["ending"]
    return segment


# --- keys and everything else -------------------------------------------------------------------------------------
_KEY_PARTS = re.compile(r"([:/.|\s,;#\[\]{}()'\"=]+)")
_KEY_ID = re.compile(
    r"""
      [-+]?\d[\d.,:_-]*
    | [0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}
    | (?=[^0-9]*[0-9])[0-9a-fA-F]{7,}
    | (?=[^0-9]*[0-9])[\w~=%+-]{16,}
    | [A-Za-z]{1,6}[-_]?\d{3,}
    """,
    re.VERBOSE,
)
_COMMAND = re.compile(r"^([A-Za-z]{2,20}(?: (?:GET|SET|LIST|LOAD|CREATE|INFO|NAME))?)(?:\s+(.*))?$", re.DOTALL)
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+""", re.DOTALL)
_KEYLESS = frozenset({"MULTI", "EXEC", "PING", "EVAL", "EVALSHA", "SCRIPT", "SELECT", "AUTH", "HELLO", "INFO"})
# What a Redis client calls its own work (`redis.pipeline.execute`) is no command.
_LOWER_DOTTED = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")


def normal_key(text: str) -> str:
    """Return a cache key, a list of them, or a Redis command with `*` for what tells one entry from the next."""
    if _LOWER_DOTTED.fullmatch(text):
        return text
    command = _COMMAND.match(text)
    if command and command[1].isupper():
        return _normal_command(command[1], command[2] or "")
    keys = [_starred(key.strip(" '\"[]()")) for key in re.split(r",\s*|\s+", text) if key.strip(" '\"[]()")]
    return ", ".join(dict.fromkeys(keys))


def _normal_command(name: str, rest: str) -> str:
    """Return the command and the kind of its first key: the values after it are data."""
    found = _QUOTED.search(rest)
    if found is None or name in _KEYLESS:
        return name
    return f"{name} {_starred(found[0].strip(chr(39) + chr(34)))}"


def normal_words(text: str) -> str:
    """Return any other description with `*` for numbers, hashes and addresses that stand alone. Names stay."""
    words = [normal_url(word) if "://" in word else _starred(word) for word in text.split()]
    return " ".join(word for at, word in enumerate(words) if at == 0 or word != words[at - 1])


def _starred(text: str) -> str:
    if "@" in text:
        return "*"
    return "".join("*" if _KEY_ID.fullmatch(part) else part for part in _KEY_PARTS.split(text))


def normal_resource(text: str) -> str:
    return normal_url(text) if "/" in text else normal_words(text)


_BY_CATEGORY: dict[str, Callable[[str], str]] = {
    Category.DB: normal_sql,
    Category.HTTP: normal_url,
    Category.CACHE: normal_key,
    Category.BROWSER: normal_resource,
    Category.FILE: normal_path,
}
