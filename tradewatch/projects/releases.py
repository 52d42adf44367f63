"""How versions follow each other: by semver where they are semver (https://semver.org/, 11), else by first sight.

Versions come as clients send them: `oms@4.12.0`, `4.12.0-rc1`, `v1.2`, a commit's hash.
"""

from dataclasses import dataclass
from datetime import datetime

import re2

_VERSION = re2.compile(
    r"^v?(\d{1,15}(?:\.\d{1,15}){1,3})"  # a dot is needed: a number alone is a build or a hash, not an order
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+[0-9A-Za-z.-]*)?$"
)
_MAX_KEY = 250
_FINAL = "z"  # after every prerelease, which starts with a digit


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """What it takes to compare two releases of one project."""

    version: str
    key: str
    first_seen_at: datetime


def package_of(version: str) -> str:
    """Return `oms` of `oms@4.12.0`; empty without a package."""
    package, at, _ = version.rpartition("@")
    return package if at else ""


def order_key(version: str) -> str:
    """Return a text that sorts like the version; empty when it is not semver.

    Made of digits and small letters alone, so that every database collation sorts it alike. Packages are left out:
    compare keys of one package only. Lenient where clients are: `v1.2`, four numbers, leading zeros.
    """
    match = _VERSION.match(version.rpartition("@")[2])
    if match is None:
        return ""
    numbers = [int(part) for part in match.group(1).split(".")]
    core = "".join(_number(part) for part in numbers + [0] * (4 - len(numbers)))
    key = core + (_prerelease(match.group(2)) if match.group(2) else _FINAL)
    return key if len(key) <= _MAX_KEY else ""


def is_at_or_after(release: ReleaseOrder, other: ReleaseOrder) -> bool:
    """Return whether `release` is the same as `other` or comes after it."""
    return release.version == other.version or is_after(release, other, or_equal=True)


def is_after(release: ReleaseOrder, other: ReleaseOrder, *, or_equal: bool = False) -> bool:
    """Return whether `release` comes after `other`; `or_equal` counts versions of equal precedence (build metadata)."""
    if release.version == other.version:
        return or_equal
    if release.key and other.key and package_of(release.version) == package_of(other.version):
        return release.key > other.key or (or_equal and release.key == other.key)
    return release.first_seen_at > other.first_seen_at


def _number(number: int) -> str:
    """Digits behind their own number of digits: texts of that form sort as their numbers do."""
    digits = str(number)
    return f"{len(digits):02d}{digits}"


def _prerelease(identifiers: str) -> str:
    """A number sorts before a word, and fewer identifiers before more. Words go in as hex, each ended by `00`."""
    return (
        "".join(
            "1" + _number(int(part)) if part.isdigit() and len(part) < 100 else "2" + part.encode().hex() + "00"
            for part in identifiers.split(".")
        )
        + "0"
    )
