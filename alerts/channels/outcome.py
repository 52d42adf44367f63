from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. `answer` is the receiver's words; `is_permanent`: trying again is of no use."""

    is_sent: bool
    answer: str
    is_permanent: bool = False

    @property
    def is_temporary(self) -> bool:
        return not self.is_sent and not self.is_permanent
