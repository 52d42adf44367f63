from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. `answer` is the receiver's words; `is_permanent`: trying again is of no use.

    `may_have_arrived`: it was handed over, and the receiver's word on it got lost. `retry_after` is how long the
    receiver asked to be left alone; None: it said nothing.
    """

    is_sent: bool
    answer: str
    is_permanent: bool = False
    may_have_arrived: bool = False
    retry_after: timedelta | None = None

    @property
    def is_temporary(self) -> bool:
        return not self.is_sent and not self.is_permanent
