"""What a run needs to know of a check: plain values, so that it runs without the database. And reading its texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tradewatch.performance.checks.choices import CheckKind, Level

HostPort = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Fields as in the model; `allowed` are networks that the installation may call although they are private."""

    kind: CheckKind
    address: str = ""
    connection: str = field(default="", repr=False)
    allows_internal: bool = False
    allowed: tuple[str, ...] = ()
    method: str = "GET"
    expected_statuses: str = "200-299"
    body_contains: str = ""
    body_pattern: str = ""
    expected_header: str = ""
    request_headers: str = field(default="", repr=False)
    follows_redirects: bool = True
    uses_tls: bool = False
    verifies_tls: bool = True
    record_type: str = "A"
    expected_answer: str = ""
    resolver: str = ""
    timeout_seconds: float = 10.0
    slow_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run found. `seconds` is how long it took, by a clock that never jumps."""

    level: Level
    detail: str
    seconds: float | None = None
    tls_expires_at: datetime | None = None


def split_host(text: str, default_port: int | None = None) -> HostPort:
    """Return (host, port) of `db.example:5432`, `[::1]:53` or, with a default, a bare host. Raises ValueError."""
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket:
            raise ValueError("a [ without its ]")
        port = rest.removeprefix(":")
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    if not host or any(char.isspace() or char in "/@?#," for char in host):
        raise ValueError("no host name or address")
    if not port:
        if default_port is None:
            raise ValueError("no port")
        return host, default_port
    if not port.isascii() or not port.isdigit() or not 1 <= int(port[:6]) <= 65535:
        raise ValueError("the port is not a number from 1 to 65535")
    return host, int(port)


def statuses(text: str) -> list[tuple[int, int]]:
    """Return the ranges of `200-299, 401`, both ends included. Raises ValueError."""
    ranges = []
    for part in text.split(","):
        low, dash, high = (piece.strip() for piece in part.strip().partition("-"))
        if not low.isdigit() or (dash and not high.isdigit()):
            raise ValueError(f"{part.strip()!r} is no status and no range")
        first, last = int(low), int(high or low)
        if not 100 <= first <= last <= 599:
            raise ValueError(f"{part.strip()} is not within 100 to 599")
        ranges.append((first, last))
    return ranges


def header_lines(text: str) -> list[tuple[str, str]]:
    """Return (name, value) of each line. Raises ValueError; the message never holds a value."""
    headers = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise ValueError(f"line {number} is not Name: value")
        if not value.isprintable():
            raise ValueError(f"the value in line {number} has control characters")
        if name.lower() in ("host", "content-length", "transfer-encoding", "connection"):
            raise ValueError(f"line {number}: {name} is set by TradeWatch")
        headers.append((name, value))
    return headers


def as_plan(fields: Mapping[str, object], *, allowed: tuple[str, ...]) -> Plan:
    """Return the plan of a row's fields, of which those that a plan has are taken."""
    names = {each for each in Plan.__dataclass_fields__ if each in fields}
    values = {name: fields[name] for name in names - {"kind"}}
    return Plan(kind=CheckKind(str(fields["kind"])), allowed=allowed, **values)  # type: ignore[arg-type]  # the model's
