"""What counts as night: hours of the clock in a named zone."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Night:
    """From `starts` to `ends` in `zone`, over midnight when it starts later than it ends."""

    zone: str = "UTC"
    starts: time = time(22)
    ends: time = time(7)

    def holds(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.zone)).time()
        if self.starts <= self.ends:
            return self.starts <= local < self.ends
        return local >= self.starts or local < self.ends

    @property
    def words(self) -> str:
        return f"{self.starts:%H:%M} to {self.ends:%H:%M} {self.zone}"
