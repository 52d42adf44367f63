"""Applies changed rules to the issues that are there, on request and in bounded steps."""

from dataclasses import dataclass
from functools import partial

from django.db import transaction

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.live import push
from tradewatch.errors.classification import RuleSet
from tradewatch.errors.facts import facts_of
from tradewatch.errors.models import Event, Issue
from tradewatch.errors.priorities import priority_of
from tradewatch.errors.rulebook import read_rules
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

ISSUES_A_STEP = 500
_FIELDS = ("category", "classified_by", "classified_why", "severity", "priority", "priority_why")


@dataclass(frozen=True, slots=True)
class Reclassification:
    """`next_below_id`: give it to the next step; None when all issues were looked at."""

    examined: int
    changed: int
    next_below_id: int | None


def reclassify(
    actor: Actor, project: Project, *, below_id: int | None = None, limit: int = ISSUES_A_STEP
) -> Reclassification:
    """Classify up to `limit` issues again, the newest first, each by its newest stored event.

    Severity is the rule's, else that event's level. What was counted before keeps its category in the charts, and an
    issue without stored events keeps it too. Raises `NotAllowed`.
    """
    access.require(actor, project.pk, Role.MANAGER, scope=Scope.ERRORS_WRITE)
    issues = Issue.objects.filter(project=project).order_by("-pk")
    if below_id is not None:
        issues = issues.filter(pk__lt=below_id)
    examined = list(issues[:limit])
    rules = RuleSet(read_rules())
    changed = [issue for issue in examined if _classify_again(issue, rules)]  # reads only: no lock is held yet
    with transaction.atomic():
        for issue in changed:
            issue.save(update_fields=_FIELDS)
        if changed:
            audit.record(
                actor, "issues.reclassify", project, project_id=project.pk, changes={"issues": [None, len(changed)]}
            )
            transaction.on_commit(partial(push, "errors", project.pk))
    return Reclassification(
        examined=len(examined),
        changed=len(changed),
        next_below_id=examined[-1].pk if len(examined) == limit else None,
    )


@transaction.atomic
def reclassify_issue(actor: Actor, issue: Issue) -> Issue:
    """Classify one issue again by its newest stored event. Raises `NotAllowed`."""
    access.require(actor, issue.project_id, Role.MANAGER, scope=Scope.ERRORS_WRITE)
    issue = Issue.objects.select_for_update(no_key=True).get(pk=issue.pk)
    before = issue.category
    if _classify_again(issue, RuleSet(read_rules())):
        issue.save(update_fields=_FIELDS)
        changes = {"category": [before, issue.category]}
        audit.record(actor, "issue.reclassify", issue, project_id=issue.project_id, changes=changes)
        transaction.on_commit(partial(push, "errors", issue.project_id))
    return issue


def _classify_again(issue: Issue, rules: RuleSet) -> bool:
    """Set what the rules say now on `issue`, unsaved; return whether anything is different."""
    event = (
        Event.objects.filter(issue=issue, is_simulated=issue.is_simulated)
        .select_related("stored")
        .order_by("-timestamp")
        .first()
    )
    if event is None:
        return False
    facts = facts_of(event.payload)
    found = rules.classify(facts, issue.project_id)
    before = (issue.category, issue.classified_by_id, issue.classified_why, issue.severity)
    issue.category, issue.classified_by_id, issue.classified_why = found.category, found.rule_id, found.why
    issue.severity = found.severity or facts.severity
    if not issue.priority_by:
        computed = priority_of(issue.severity, issue.category, is_regressed=issue.is_regressed, users=issue.user_count)
        issue.priority, issue.priority_why = computed.value, computed.why
    return before != (issue.category, issue.classified_by_id, issue.classified_why, issue.severity)
