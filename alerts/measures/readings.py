from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Where something is measured. `subject` is empty, or names one of many: the series of an issue."""

    project_id: int
    environment: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one window says. `value` None: unknown, with `words` saying why.

    `words` name the value with its unit ("p95 612 ms"), `counts` what it was made of ("1,204 requests in 5 min").
    `sample` is how many things the value is made of.
    """

    value: float | None
    sample: int
    words: str
    counts: str = ""


NOTHING = Reading(None, 0, "No data")
