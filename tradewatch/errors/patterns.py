"""The regular expressions of classification rules: RE2, any case, searched anywhere."""

from typing import Any

import re2

PATTERN_FIELDS = ("exception_type", "module", "transaction", "message")


class BadPattern(ValueError):
    """RE2 cannot read a pattern; the text is RE2's own reason."""


def check_pattern(pattern: str) -> None:
    """Raise `BadPattern` unless RE2 can read `pattern`."""
    try:
        re2.compile(pattern, options())
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise BadPattern(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from error


def split_tag(tag: str) -> tuple[str, str]:
    """Return the key and the pattern of `venue=^lmax$`. A key alone asks for the tag with any value."""
    key, _, pattern = tag.partition("=")
    return key.strip(), pattern or "."


def options() -> Any:
    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    return chosen
