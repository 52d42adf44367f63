"""Patterns on pages: the panel of an issue, the section of a session, and the list with what people do about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from debugging.choices import PatternKind
from debugging.contexts.api import issue_id_of
from debugging.models import DebugSession, Pattern, PatternRun
from debugging.patterns.found import strength_words
from debugging.patterns.queries import last_run, patterns_about, patterns_in
from tradewatch.core.paging import read_page
from tradewatch.dashboard.pages import Choice
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.models import Issue

SHOWN, A_PAGE = 8, 30
FILTERS = ("kind", "issue", "dismissed")
_KINDS = (("", "All"), *((kind.value, kind.label) for kind in PatternKind))


@dataclass(frozen=True, slots=True)
class Line:
    """`partner` is the other issue of a pair, seen from the issue that the page is about, where it is about one."""

    pattern: Pattern
    partner: Issue | None
    strength: str


def issue_patterns_panel(issue_id: int) -> SafeString | None:
    """Return the strongest patterns; None for an issue that nobody looked at yet and that has none."""
    rows = patterns_about(issue_id).filter(dismissed_at=None)
    found = list(rows[: SHOWN + 1])
    issue = Issue.objects.filter(pk=issue_id, merged_into=None).first()
    run = last_run(issue.project_id) if issue else None
    if issue is None or not (found or run):
        return None
    context = {**_shown(found, issue_id), "run": run, "issue_id": issue_id, "now": timezone.now()}
    return SafeString(render_to_string("debugging/_patterns_panel.html", context))


def session_patterns(session: DebugSession) -> dict[str, Any]:
    """Return what the session's section shows; nothing for an error without an issue."""
    if session.issue_id is None:
        return {"pattern_lines": []}
    found = list(patterns_about(session.issue_id).filter(dismissed_at=None)[: SHOWN + 1])
    return {**_shown(found, session.issue_id), "pattern_issue_id": session.issue_id}


def patterns_page(scope: Scope, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return what the list shows: those that are not dismissed unless it is asked for those. Raises `Invalid`."""
    kept = {name: asked[name] for name in FILTERS if asked.get(name)}
    issue = _issue(scope, kept.get("issue", ""))
    rows = _filtered(patterns_in(scope.project_ids, scope.environment or None), kept)
    page = read_page(rows, order=("-found_at", "-id"), cursor=asked.get("cursor"), size=A_PAGE)
    runs = PatternRun.objects.filter(project__in=scope.project_ids).select_related("project")
    return {
        "lines": [_line(row, issue.pk if issue else None) for row in page.rows],
        "issue": issue,
        "kinds": [_choice(scope, kept, "kind", value, label) for value, label in _KINDS],
        "states": [
            _choice(scope, kept, "dismissed", value, label) for value, label in (("", "Shown"), ("yes", "Dismissed"))
        ],
        "is_filtered": bool(kept),
        "clear": _link(scope, {}),
        "older": _link(scope, {**kept, "cursor": page.next}) if page.next else "",
        "first_page": _link(scope, kept) if asked.get("cursor") else "",
        "run": runs.first(),
    }


def _filtered(rows: QuerySet[Pattern], kept: Mapping[str, str]) -> QuerySet[Pattern]:
    if kept.get("kind") in PatternKind.values:
        rows = rows.filter(kind=kept["kind"])
    if kept.get("issue"):
        pk = issue_id_of(kept["issue"])
        rows = rows.filter(Q(issue=pk) | Q(other=pk))
    return rows.filter(dismissed_at__isnull=kept.get("dismissed") != "yes")


def _issue(scope: Scope, text: str) -> Issue | None:
    rows = Issue.objects.filter(project__in=scope.project_ids).select_related("project")
    return rows.filter(pk=issue_id_of(text)).first() if text else None


def _shown(found: Sequence[Pattern], issue_id: int) -> dict[str, Any]:
    return {"pattern_lines": [_line(row, issue_id) for row in found[:SHOWN]], "has_more_patterns": len(found) > SHOWN}


def _line(row: Pattern, about: int | None) -> Line:
    partner = row.issue if row.other_id is not None and row.other_id == about else row.other
    return Line(row, partner, strength_words(row.kind, row.strength))


def _choice(scope: Scope, kept: Mapping[str, str], name: str, value: str, label: str) -> Choice:
    others = {key: each for key, each in kept.items() if key != name}
    return Choice(label, _link(scope, {**others, **({name: value} if value else {})}), kept.get(name, "") == value)


def _link(scope: Scope, parameters: Mapping[str, str]) -> str:
    values = {**scope.values(), **parameters}
    return reverse("patterns") + ("?" + urlencode(values) if values else "")
