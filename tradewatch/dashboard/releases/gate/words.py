"""How an answer of the gate is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.words import clock_words
from releases.choices import Decision
from releases.gate.values import Answer
from tradewatch.dashboard import words

SAID = {Decision.GO: "go", Decision.WARN: "warn", Decision.NO_GO: "no go"}
STYLES = {Decision.GO: "good", Decision.WARN: "w", Decision.NO_GO: "up-bad"}
HEROES = {Decision.GO: "ok", Decision.WARN: "warning", Decision.NO_GO: "critical"}
MARKS = {Decision.GO: "info", Decision.WARN: "warning", Decision.NO_GO: "critical"}


@dataclass(frozen=True, slots=True)
class Line:
    """One reason. `badge` empty where it needs none."""

    mark: str
    text: str
    link: str
    badge: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Now:
    """What the gate says, on a card: `Gate now: no go, 3 critical alerts open`."""

    said: str
    style: str
    because: str


def now_of(answer: Answer) -> Now:
    weighs = [each for each in answer.reasons if each.decision != Decision.GO]
    because = weighs[0].short if weighs else ""
    if len(weighs) > 1:
        because += f" and {len(weighs) - 1} more"
    return Now(SAID[answer.decision], STYLES[answer.decision], because)


def lines_of(reasons: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return the reasons of an answer, as `serializing.reasons_json` gives and `GateAnswer` keeps them."""
    return [
        Line(
            mark=MARKS[Decision.WARN if each.get("overridden") else Decision(each["decision"])],
            text=each["text"],
            link=each.get("link") or "",
            badge="overridden" if each.get("overridden") else "",
            until=datetime.fromisoformat(each["until"]) if each.get("until") else None,
        )
        for each in reasons
    ]


def headline(answer: Answer) -> str:
    """Return `No go: 3 critical alerts open`."""
    now = now_of(answer)
    said = now.said.capitalize()
    return f"{said}: {now.because}" if now.because else f"{said}. Nothing speaks against it"


def what_next(answer: Answer) -> str:
    """Return what whoever asked can do."""
    facts, override = answer.facts, answer.facts.override
    if override is not None and any(each.is_overridden for each in answer.reasons):
        ends = clock_words(override.ends_at, now=facts.at)
        return f"{override.created_by} overrides it until {ends}: {override.reason}"
    if answer.decision != Decision.NO_GO:
        return ""
    if answer.retry_at is None:
        return "Nobody knows when it ends: it takes somebody to end what blocks, or to override."
    untimed = any(each.blocks and not each.is_timed for each in answer.reasons)
    rest = ", if what no clock ends is over by then" if untimed else ""
    when = clock_words(answer.retry_at, now=facts.at)
    return f"Ask again at {when}, in {words.span(answer.retry_at - facts.at)}{rest}."
