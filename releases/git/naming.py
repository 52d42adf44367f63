"""Which texts may name a commit to git: a tag's whole name, or a hash. Values in, values out.

Everything else that git would understand (`HEAD~3`, `:/text`, `@{upstream}`, `a..b`, options) is no name here.
"""

import re

from tradewatch.projects.versions import parse_version

LONGEST = 250
HASH = re.compile(r"[0-9a-f]{7,64}")
# https://git-scm.com/docs/git-check-ref-format, and no leading - although that is allowed behind refs/tags/
_NOT_IN_A_REF = re.compile(
    r"^-|^@$|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|\.$|(?:^|/)\.|\.lock(?:$|/)",
)


def is_ref_name(text: str) -> bool:
    """Return whether `refs/tags/<text>` is a name that git allows. Lone surrogates are none: git takes bytes."""
    return (
        0 < len(text) <= LONGEST
        and not _NOT_IN_A_REF.search(text)
        and not any("\ud800" <= each <= "\udfff" for each in text)
    )


def tags_of(version: str) -> list[str]:
    """Return the tags, as `refs/tags/...`, that may name a version, the likeliest first.

    `api@2.0.1+7`: api@2.0.1+7, 2.0.1+7, 2.0.1, api-2.0.1, api/2.0.1, each also with a `v` before its number.
    """
    if not is_ref_name(version):
        return []
    parts = parse_version(version)
    names = [version, f"v{version}"]
    for number in dict.fromkeys([f"{parts.number}+{parts.build}" if parts.build else parts.number, parts.number]):
        for each in (number, f"v{number}"):
            names += [each, *(f"{parts.package}{mark}{each}" for mark in "@-/" if parts.package)]
    return [f"refs/tags/{name}" for name in dict.fromkeys(names) if is_ref_name(name)]


def hash_of(text: str) -> str:
    """Return a commit's hash, whole or the first seven digits or more, in small letters; empty for another text."""
    lower = text.lower()
    return lower if HASH.fullmatch(lower) else ""
