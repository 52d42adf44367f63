"""What one process took and refused since its start; `tallying` adds the processes up."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class EdgeStats:
    """Counted in requests; `accepted_bytes` are as they came over the wire. `refused` is by HTTP status."""

    accepted: int = 0
    accepted_bytes: int = 0
    refused: Counter[int] = field(default_factory=Counter)

    def as_json(self) -> dict[str, object]:
        refused = {str(status): count for status, count in sorted(self.refused.items())}
        return {"accepted": self.accepted, "accepted_bytes": self.accepted_bytes, "refused": refused}
