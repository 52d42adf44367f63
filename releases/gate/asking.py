"""Asks the gate, and keeps what CI was told."""

from datetime import datetime

from releases.gate.deciding import decide
from releases.gate.reading import read_facts
from releases.gate.serializing import reasons_json
from releases.gate.values import Answer
from releases.models import GateAnswer
from tradewatch.core.actors import Actor
from tradewatch.projects.models import Project


def ask(project: Project, environment: str, version: str = "", *, now: datetime, at: datetime | None = None) -> Answer:
    """Return the answer; `at`: as if it were that moment (see `read_facts`). Whoever calls has asked the rights."""
    return decide(read_facts(project.pk, environment, version, now=now, at=at))


def keep(actor: Actor, project: Project, answer: Answer) -> GateAnswer | None:
    """Keep what the gate said to whoever asked in earnest: None for a simulation."""
    facts = answer.facts
    if facts.is_simulated:
        return None
    return GateAnswer.objects.create(
        project=project,
        environment=facts.environment,
        version=facts.version,
        asked_by=actor.label[:200],
        asked_at=facts.now,
        decision=answer.decision,
        reasons=reasons_json(answer),
        evidence=dict(answer.evidence),
    )
