"""Who asks, when, and about which projects: what a condition needs to know besides the query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Asking:
    """`user_id` None: nobody whom `me` could mean, such as a token."""

    project_ids: Sequence[int]
    now: datetime
    user_id: int | None = None
