"""What TradeWatch is made of, held against what is written of it: `make audit`.

Always: every requirement is pinned exactly and has its reason in docs/dependencies.md; what is installed is what is
pinned or what that needs, in versions that fit together. Where https://osv.dev can be reached: no installed version has
a known vulnerability. Where it cannot, that is said and nothing fails: no build must hang on somebody else's server.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path

import httpx
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-dev.txt")
REASONS, ACCEPTED = ROOT / "docs" / "dependencies.md", ROOT / ".ci" / "accepted-vulnerabilities.txt"
TOOLS = frozenset({"pip", "setuptools", "wheel", "uv"})  # what .ci/install installs with
OSV = "https://api.osv.dev/v1/querybatch"  # https://google.github.io/osv.dev/post-v1-querybatch/
TIMEOUT_SECONDS = 8.0
_PIN = re.compile(r"([A-Za-z0-9._-]+)(\[[A-Za-z0-9,._-]+\])?==([A-Za-z0-9.+!-]+)")


class Unreachable(Exception):
    """Nobody answered what is known of vulnerabilities; the text says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """An installed one, `name` in canonical form."""

    name: str
    version: str
    requires: tuple[str, ...] = ()


def pins_in(text: str) -> tuple[dict[str, Requirement], list[str]]:
    """Return {canonical name: requirement} and the faults of a requirements file."""
    pins, faults = {}, []
    for line in (line.partition("#")[0].strip() for line in text.splitlines()):
        if not line or line.startswith("-r "):
            continue
        if not _PIN.fullmatch(line):
            faults.append(f"{line}: not pinned as name==version")
            continue
        requirement = Requirement(line)
        pins[canonicalize_name(requirement.name)] = requirement
    return pins, faults


def reasoned_in(text: str) -> set[str]:
    """Return the canonical names in the first column of docs/dependencies.md. `pytest, -django` names two."""
    names: set[str] = set()
    for row in (line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")):
        last = ""
        for each in re.sub(r"\[[^\]]*\]|\([^)]*\)", "", row[0]).split(","):
            word = each.strip().strip("`")
            if word and not set(word) <= {"-"}:
                last = last if word.startswith("-") else word
                names.add(canonicalize_name(last + word if word.startswith("-") else word))
    return names


def installed_faults(pins: Mapping[str, Requirement], installed: Mapping[str, Package]) -> list[str]:
    """Return what is installed otherwise than pinned, for no reason, or in versions that do not fit together."""
    faults, wanted = [], set(TOOLS)
    todo = [(requirement, "the requirements") for requirement in pins.values()]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        requirement, by = todo.pop()
        name = canonicalize_name(requirement.name)
        if (package := installed.get(name)) is None:
            faults.append(f"{requirement} is not installed; {by} want it")
            continue
        if not requirement.specifier.contains(package.version, prereleases=True):
            faults.append(f"{name} {package.version} is installed; {by} want {requirement}")
        wanted.add(name)
        if (key := (name, frozenset(requirement.extras))) in seen:
            continue
        seen.add(key)
        todo += [(each, name) for each in _needs(package, requirement.extras)]
    strays = sorted(installed.keys() - wanted)
    return sorted(set(faults)) + [
        f"{name} {installed[name].version} is installed, and nothing wants it" for name in strays
    ]


def _needs(package: Package, extras: Iterable[str]) -> list[Requirement]:
    needs = [Requirement(text) for text in package.requires]
    chosen = ["", *extras]
    return [
        each for each in needs if each.marker is None or any(each.marker.evaluate({"extra": name}) for name in chosen)
    ]


def accepted_in(text: str, *, today: date) -> tuple[set[str], list[str]]:
    """Return the ids of vulnerabilities that are known and bearable, and faults. A line: `ID until YYYY-MM-DD: why`."""
    ids, faults = set(), []
    for line in (line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")):
        found = re.fullmatch(r"(\S+) until (\d{4}-\d\d-\d\d): (.{10,})", line)
        if not found:
            faults.append(f"{ACCEPTED.name}: not `ID until YYYY-MM-DD: why`: {line}")
        elif date.fromisoformat(found[2]) < today:
            faults.append(f"{ACCEPTED.name}: {found[1]} was accepted until {found[2]}")
        else:
            ids.add(found[1])
    return ids, faults


def vulnerabilities(packages: Iterable[Package], client: httpx.Client, url: str = OSV) -> list[tuple[Package, str]]:
    """Return (package, id of a vulnerability) of the versions that OSV knows one of. Raises `Unreachable`."""
    asked = sorted(packages, key=lambda package: package.name)
    queries = [{"package": {"name": each.name, "ecosystem": "PyPI"}, "version": each.version} for each in asked]
    try:
        answer = client.post(url, json={"queries": queries}, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        results = answer.json()["results"]
        found = [
            (each, known["id"])
            for each, result in zip(asked, results, strict=True)
            for known in result.get("vulns", ())
        ]
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreachable(f"{url}: {type(error).__name__}: {str(error)[:200]}") from None
    return found


def installed_packages(found: Iterable[Distribution] | None = None) -> dict[str, Package]:
    packages = {}
    for each in distributions() if found is None else found:
        name = canonicalize_name(each.metadata["Name"])
        packages[name] = Package(name, each.version, tuple(each.requires or ()))
    return packages


def offline_faults(installed: Mapping[str, Package]) -> list[str]:
    pins: dict[str, Requirement] = {}
    faults = []
    for name in FILES:
        found, wrong = pins_in((ROOT / name).read_text())
        faults += [f"{name}: {each}" for each in wrong]
        faults += [f"{name}: {each} is pinned twice" for each in pins.keys() & found.keys()]
        pins |= found
    reasons = reasoned_in(REASONS.read_text())
    faults += [f"docs/dependencies.md: no reason for {name}" for name in sorted(pins.keys() - reasons)]
    return faults + installed_faults(pins, installed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offline", action="store_true", help="ask nobody for vulnerabilities")
    offline = parser.parse_args().offline
    installed = installed_packages()
    faults = offline_faults(installed)
    accepted, wrong = accepted_in(ACCEPTED.read_text(), today=datetime.now(UTC).date())
    said = "not asked for vulnerabilities"
    if not offline:
        try:
            with httpx.Client() as client:
                known = vulnerabilities(installed.values(), client, os.environ.get("AUDIT_OSV_URL", OSV))
            said = f"{len(known)} known vulnerabilities, {sum(each in accepted for _, each in known)} of them accepted"
            faults += [
                f"{each.name} {each.version}: {known_as}" for each, known_as in known if known_as not in accepted
            ]
        except Unreachable as error:
            said = f"VULNERABILITIES WERE NOT LOOKED UP: {error}"
    for fault in faults + wrong:
        print(fault)
    print(f"{len(installed)} packages installed, {len(faults + wrong)} faults; {said}")
    return 1 if faults or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
