"""What whoever starts a deployment says of it, and what is wrong with that. Values in, values out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from releases.choices import DeploymentState, VersionSource
from tradewatch.projects.versions import fault_in_text, fault_in_version

LONGEST_ENVIRONMENT, LONGEST_REF, LONGEST_URL, LONGEST_NAME, LONGEST_MESSAGE = 64, 250, 500, 200, 500
_COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")
# https://git-scm.com/docs/git-check-ref-format: what no ref has. A leading - would be an option of git.
_NOT_IN_REFS = re.compile(r"^[-/]|[\s~^:?*\[\\]|\.\.|@\{|//|[/.]$|\.lock$")


@dataclass(frozen=True, slots=True)
class Start:
    """As CI says it; empty where it says nothing."""

    environment: str
    version: str = ""
    commit: str = ""
    ref: str = ""
    url: str = ""
    deployed_by: str = ""


def faults_in(start: Start) -> Mapping[str, Sequence[str]]:
    """Return what is wrong, by field; empty when nothing is."""
    found = {
        "environment": fault_in_environment(start.environment),
        "version": fault_in_version(start.version) if start.version else "",
        "commit": "" if not start.commit or _COMMIT.fullmatch(start.commit) else "expected 4 to 64 hexadecimal digits",
        "ref": fault_in_ref(start.ref),
        "url": fault_in_url(start.url),
        "deployed_by": _fault_in_line(start.deployed_by, LONGEST_NAME),
    }
    return {name: [text] for name, text in found.items() if text}


def fault_in_environment(name: str) -> str:
    if not name.strip() or name != name.strip():
        return "is empty, or begins or ends with a space"
    if "/" in name or "\\" in name:
        return "must not contain / or \\"
    return _fault_in_line(name, LONGEST_ENVIRONMENT)


def fault_in_message(text: str) -> str:
    return f"is longer than {LONGEST_MESSAGE} characters" if len(text) > LONGEST_MESSAGE else ""


def version_of(start: Start, *, newest_seen: str) -> tuple[str, VersionSource]:
    """Return the version and how it is known: given, else the commit, else the newest seen there, else none yet."""
    if start.version:
        return start.version, VersionSource.GIVEN
    if start.commit:
        return start.commit, VersionSource.COMMIT
    return newest_seen, VersionSource.SEEN if newest_seen else VersionSource.UNKNOWN


def is_told_again(state: str, *, success: bool) -> bool | None:
    """Return whether an end was told before in the same way; None where it is news. False: it contradicts.

    One that was rolled back had succeeded. One that was closed as abandoned had no end to repeat.
    """
    if state == DeploymentState.IN_PROGRESS:
        return None
    ends = {DeploymentState.SUCCEEDED: True, DeploymentState.ROLLED_BACK: True, DeploymentState.FAILED: False}
    return ends.get(DeploymentState(state)) is success


def fault_in_ref(ref: str) -> str:
    if _NOT_IN_REFS.search(ref):
        return "is not a name that git allows for a branch or tag"
    return _fault_in_line(ref, LONGEST_REF)


def fault_in_url(url: str) -> str:
    if not url:
        return ""
    if fault := _fault_in_line(url, LONGEST_URL):
        return fault
    try:
        parts = urlsplit(url)
    except ValueError:
        return "is not a URL"
    is_plain = parts.scheme in ("http", "https") and parts.hostname and " " not in url
    return "" if is_plain else "expected a URL that starts with https:// or http://"


def _fault_in_line(text: str, longest: int) -> str:
    return f"is longer than {longest} characters" if len(text) > longest else fault_in_text(text)
