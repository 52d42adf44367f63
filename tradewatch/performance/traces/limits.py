"""From which on something is found in a trace, where a project says nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """From which on something is found. Each of the two for N+1 must be reached: five reads of a cache of queries that
    take nothing are nobody's problem."""

    repeats: int = 5
    repeats_seconds: float = 0.01  # all of the repeated queries together
    query_seconds: float = 0.5
    http_seconds: float = 1.0
    answer_bytes: int = 1 << 20


DEFAULT_LIMITS = Limits()
