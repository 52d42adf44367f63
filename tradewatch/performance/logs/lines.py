"""A log line as a value, and the levels it may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zlib import crc32

Scalar = str | int | float | bool | None | list[object]

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")  # in order of weight: the place is the bit in a block
_ALIASES = {"warning": "warn", "critical": "fatal", "log": "info", "notice": "info", "panic": "fatal"}
_LOWEST = {level: 1 + 4 * place for place, level in enumerate(LEVELS)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """`at_us` is in microseconds since the epoch; ids are lower-case hex, empty where there is none."""

    at_us: int
    severity: int  # 1 to 24, as OpenTelemetry counts them: four numbers a level
    body: str
    trace_id: str = ""
    span_id: str = ""
    attributes: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return moment_of(self.at_us)

    @property
    def level(self) -> str:
        return level_of(self.severity)

    @property
    def place(self) -> tuple[int, int]:
        """Return where the line stands among others: by time, then by what it says.

        Not by a number of its own: lines have none, and their blocks are packed anew while somebody reads.
        """
        return self.at_us, crc32(f"{self.trace_id}{self.span_id}{self.body}".encode())

    def text(self, name: str) -> str:
        """Return an attribute as text; empty where there is none."""
        value = self.attributes.get(name)
        return "" if value is None else str(value)


def level_of(severity: int) -> str:
    return LEVELS[min(max(severity - 1, 0) // 4, len(LEVELS) - 1)]


def severity_of(level: object, number: object) -> int:
    """Return the severity for a level's name and number as sent; the name decides where they contradict each other.

    Neither: info.
    """
    named = level.lower() if isinstance(level, str) else ""
    named = _ALIASES.get(named, named)
    sound = number if type(number) is int and 1 <= number <= 24 else None
    if named not in _LOWEST:
        return sound or _LOWEST["info"]
    return sound if sound and level_of(sound) == named else _LOWEST[named]


def bits_of(severities: bytes) -> int:
    """Return one bit for each level among the severities."""
    bits = 0
    for severity in set(severities):
        bits |= level_bit(level_of(severity))
    return bits


def level_bit(level: str) -> int:
    return 1 << LEVELS.index(level)


def moment_of(at_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=at_us)


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
