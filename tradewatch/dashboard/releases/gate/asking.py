"""What `/releases/gate` shows: a question, its answer with all it was made of, overrides, freezes, windows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from releases.choices import WindowRule
from releases.deployments.queries import environments_of
from releases.gate import timed
from releases.gate.asked import fault_in_zone, faults_in_question, read_moment
from releases.gate.asking import ask
from releases.gate.queries import freezes_of, overrides_of
from releases.gate.serializing import reasons_json
from releases.gate.values import Answer, Facts, WindowFact
from releases.gate.words import margin_words
from tradewatch.core.faults import Invalid
from tradewatch.dashboard.releases.gate.words import HEROES, headline, lines_of, what_next
from tradewatch.dashboard.scope import Scope
from tradewatch.projects.models import Project, Release

VERSIONS_OFFERED, FREEZES_SHOWN, OVERRIDES_SHOWN = 20, 10, 10


def project_in(scope: Scope) -> Project | None:
    """Return the project that is asked about; None: nobody has chosen one of several."""
    return scope.project or (scope.projects[0] if len(scope.projects) == 1 else None)


def question_context(scope: Scope, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return the form's values and choices, and the answer where the question is complete."""
    project = project_in(scope)
    ids = [project.pk] if project else list(scope.project_ids)
    newest = Release.objects.filter(project__in=ids).order_by("-first_seen_at").values_list("version", flat=True)
    known = {
        "asked": {name: asked.get(name, "")[:250] for name in ("version", "at", "zone")},
        "chosen": project,
        "environments": environments_of(ids),
        "versions": list(newest[:VERSIONS_OFFERED]),
        "errors": {},
    }
    if project is None or not scope.environment:
        return known
    try:
        answer = _answer(project, scope.environment, asked, now=now)
    except Invalid as fault:
        return known | {"errors": {name: texts[0] for name, texts in fault.errors.items()}}
    return known | answer_context(answer) | place_context(project, scope.environment, now=now)


def answer_context(answer: Answer) -> dict[str, Any]:
    return {
        "answer": answer,
        "hero": HEROES[answer.decision],
        "headline": headline(answer),
        "next": what_next(answer),
        "lines": lines_of(reasons_json(answer)),
        "windows": [window_line(each, answer.facts) for each in answer.facts.windows],
        "evidence": answer.evidence,
    }


def place_context(project: Project, environment: str, *, now: datetime) -> dict[str, Any]:
    overrides = overrides_of([project.pk], environment).filter(withdrawn_at=None, ends_at__gt=now)
    freezes = freezes_of([project.pk], environment).filter(cancelled_at=None, ends_at__gt=now)
    return {
        "overrides": list(overrides[:OVERRIDES_SHOWN]),
        "freezes": list(freezes.order_by("starts_at", "pk")[:FREEZES_SHOWN]),
    }


def window_line(window: WindowFact, facts: Facts) -> dict[str, Any]:
    """Return what a window says, and until when: None where that is not in sight."""
    lets_out = timed.lets_out(window, facts.at)
    within = timed.forbidden_spans if timed.forbids(window) else timed.allowed_spans
    edges = [
        edge
        for span in within(window, facts.at, facts.horizon)
        for edge in (span.start, span.end)
        if facts.at < edge < facts.horizon
    ]
    return {"name": window.name, "rule": _rule(window), "lets_out": lets_out, "until": min(edges, default=None)}


def _rule(window: WindowFact) -> str:
    if window.rule == WindowRule.TIMES:
        return "only at its times of the week"
    side = "outside" if timed.forbids(window) else "inside"
    return f"only {side} the session of {window.calendar}{margin_words(window.before, window.after)}"


def _answer(project: Project, environment: str, asked: Mapping[str, str], *, now: datetime) -> Answer:
    """Raises `Invalid` by field."""
    version = asked.get("version", "").strip()
    if faults := faults_in_question(environment, version):
        raise Invalid("bad question", errors=faults)
    zone = asked.get("zone", "").strip() or "UTC"
    if fault := fault_in_zone(zone):
        raise Invalid("bad question", errors={"zone": [fault]})
    at = read_moment(asked["at"].strip(), zone) if asked.get("at", "").strip() else now
    if isinstance(at, str):
        raise Invalid("bad question", errors={"at": [at]})
    return ask(project, environment, version, now=now, at=at)
