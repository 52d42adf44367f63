"""What is a way back, and to which version. Values in, values out."""

from collections.abc import Mapping
from datetime import datetime

from tradewatch.projects.releases import order_key, package_of
from tradewatch.projects.versions import fault_in_text

LONGEST_REASON = 300


def is_same_version(one: str, other: str) -> bool:
    """Return whether two texts name one version: `api@2.0.1` is `2.0.1` too, as CI may leave the package out."""
    if not one or not other:
        return False
    return one == other or (_one_lacks_package(one, other) and _bare(one) == _bare(other))


def is_way_back(version: str, running: str, first_out: Mapping[str, datetime]) -> bool:
    """Return whether deploying `version` where `running` runs goes back. `first_out`: when each first went out there.

    Back is where one has been: a version that never ran there is a change, whatever its number (a fix of an older
    line). Of those that ran, one is older by semver within a package, else by when it first went out there. So the
    version that was rolled back is none when it goes out again, although it ran there before.
    """
    if is_same_version(version, running) or _are_of_other_packages(version, running):
        return False
    before, since = _first(version, first_out), _first(running, first_out)
    if before is None or since is None:
        return False
    own, others = order_key(version), order_key(running)
    return own < others if own and others and own != others else before < since


def fault_in_reason(text: str) -> str:
    """Return what is wrong with why somebody wants it; empty when nothing is."""
    if not text.strip():
        return "is empty: say why, for whoever reads it later"
    return f"is longer than {LONGEST_REASON} characters" if len(text) > LONGEST_REASON else fault_in_text(text)


def _first(version: str, first_out: Mapping[str, datetime]) -> datetime | None:
    return min((at for name, at in first_out.items() if is_same_version(name, version)), default=None)


def _are_of_other_packages(one: str, other: str) -> bool:
    return package_of(one) != package_of(other) and not _one_lacks_package(one, other)


def _one_lacks_package(one: str, other: str) -> bool:
    return not (package_of(one) and package_of(other))


def _bare(version: str) -> str:
    return version.rpartition("@")[2]
