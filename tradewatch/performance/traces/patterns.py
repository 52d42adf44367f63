"""What a span waits for, and its name without literals and ids. Pure."""

import re

_CATEGORIES = {
    "db": "db", "cache": "cache", "queue": "queue", "template": "template", "view": "template", "rpc": "rpc",
    "grpc": "rpc", "file": "file", "resource": "browser", "browser": "browser", "ui": "browser",
    "function": "function",
}  # fmt: skip
_SQL_LITERALS = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\$\d+|:\w+|\?|%\(\w+\)s")
_SQL_LISTS = re.compile(r"\(\s*%s(?:\s*,\s*%s)+\s*\)")
_PATH_IDS = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{16,})(?=[/?#]|$)")
MAX_PATTERN = 500


def category_of(op: str) -> str:
    if op.startswith("http.client"):
        return "http"
    if op.startswith("db.redis"):
        return "cache"
    return _CATEGORIES.get(op.partition(".")[0], "other")


def pattern_of(op: str, name: str) -> str:
    category = category_of(op)
    if category == "db":
        plain = _SQL_LISTS.sub("(%s)", _SQL_LITERALS.sub("%s", name[: MAX_PATTERN * 4]))
        return " ".join(plain.split())[:MAX_PATTERN]
    if category == "http":
        return _PATH_IDS.sub("*", name.partition("?")[0])[:MAX_PATTERN]
    return name[:MAX_PATTERN]
