"""Where the time of a trace went: its slowest path, added up by what was waited for. Pure."""

from collections import defaultdict
from dataclasses import dataclass

from tradewatch.performance.traces.tree import Trace

# What a span waits for, where that is not its own service's code.
WORDS = {"db": "database", "cache": "cache", "http": "network", "rpc": "network", "queue": "queue"}


@dataclass(frozen=True, slots=True)
class Share:
    """`is_service`: own code of a service; else something that was waited for."""

    name: str
    seconds: float
    ratio: float
    is_service: bool


def where_time_went(trace: Trace, *, most: int = 5) -> list[Share]:
    """Return the parts, the largest first; they add up to the main span's length. Past `most` they are `other`.

    A call's own part is what the called service does not cover: the way there and back.
    """
    seconds: defaultdict[tuple[str, bool], float] = defaultdict(float)
    for node in trace.nodes:
        if node.path_seconds > 0:
            word = "" if node.span.is_transaction else WORDS.get(node.span.category, "")
            seconds[word or node.span.service, not word] += node.path_seconds
    total = sum(seconds.values())
    ranked = sorted(seconds.items(), key=lambda each: (-each[1], each[0]))
    if len(ranked) > most:
        ranked = [*ranked[: most - 1], (("other", False), sum(each for _, each in ranked[most - 1 :]))]
    return [Share(name, each, each / total, is_service) for (name, is_service), each in ranked if total > 0]
