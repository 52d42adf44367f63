"""What a version looks like, and which texts may name one.

Applications name releases as they like: `pkg@1.2.3+build` (https://docs.sentry.io/product/releases/naming-releases/),
`2026.11.25`, a commit's hash, anything. Nothing here decides on their order: see `releases`.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from tradewatch.projects.releases import order_key, package_of

Kind = Literal["semver", "calendar", "hash", "other"]

LONGEST = 250
_CALENDAR = re.compile(r"v?20\d\d(?:([.-])(?:0?[1-9]|1[0-2])(?:\1(?:0?[1-9]|[12]\d|3[01]))?|(?:0[1-9]|1[0-2])\d\d)\b")
_HASH = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)
_WHOLE_HASHES = (40, 64)  # SHA-1 and SHA-256: digits alone are a hash at that length only
_BREAKS_PATHS = frozenset("/\\")


@dataclass(frozen=True, slots=True)
class Version:
    """The parts of a version. `number` is what stands between package and build."""

    text: str
    package: str
    number: str
    build: str
    kind: Kind
    is_prerelease: bool

    @property
    def short(self) -> str:
        """Return what fits a chart's flag: `2.0.1` of `trading-api@2.0.1+7`, the first digits of a hash."""
        number = self.number[:7] if self.kind == "hash" else self.number
        return number if len(number) <= 14 else number[:10] + "…"


def parse_version(text: str) -> Version:
    """Return the parts of any text: what has no known form is of kind `other`, whole in `number`."""
    package = package_of(text)
    rest = text[len(package) + 1 :] if package else text
    number, _, build = rest.partition("+") if order_key(rest) else (rest, "", "")
    return Version(text, package, number, build, _kind_of(number), bool(order_key(number)) and "-" in number)


def is_named(version: str, name: str) -> bool:
    """Return whether `name` means that version: it is it, or it but for the package (`2.0.1` of `api@2.0.1`)."""
    return bool(name) and (version == name or ("@" not in name and version.endswith(f"@{name}")))


def fault_in_version(text: str) -> str:
    """Return why `text` must not name a release, in words; empty when it may.

    A version becomes part of paths, command lines and file names, and is read by people.
    """
    if not text.strip() or text != text.strip():
        return "is empty, or begins or ends with a space"
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if text in (".", "..") or text.startswith("-"):
        return "must not be . or .. nor begin with -"
    if _BREAKS_PATHS & set(text):
        return "must not contain / or \\"
    return fault_in_text(text)


def fault_in_text(text: str) -> str:
    """Return why `text` cannot be shown as one line; empty when it can."""
    # Cc, Cf, Cs: control characters, those that turn or hide text (a right-to-left override), lone surrogates.
    if any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in text):
        return "must not contain control or invisible characters"
    return ""


def _kind_of(number: str) -> Kind:
    if _CALENDAR.match(number):
        return "calendar"
    if order_key(number):
        return "semver"
    is_hash = _HASH.fullmatch(number) and (not number.isdigit() or len(number) in _WHOLE_HASHES)
    return "hash" if is_hash else "other"
