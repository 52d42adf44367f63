"""The panel of an issue's page: which commits may have brought it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from releases.commits.suspects import Suspect, release_to_blame, suspects_of_issue
from tradewatch.dashboard.releases.commits import Line, line_of
from tradewatch.errors.models import Issue

KEPT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Suspected:
    """`login`: of the author, who could be given the issue; empty where no account here has that address."""

    line: Line
    login: str


def suspects_panel(issue_id: int) -> SafeString | None:
    """Return the suspect commits of an issue; None: there is none."""
    key = f"suspects-issue:{issue_id}"
    html: str = cache.get_or_set(key, lambda: _render(issue_id), KEPT_SECONDS) or ""
    return mark_safe(html) if html else None  # noqa: S308  # our own template wrote it


def logins_of(emails: Sequence[str], project_id: int) -> dict[str, str]:
    """Return {address in small letters: login} of active accounts that may have this project's issues."""
    wanted = {email.lower() for email in emails if email}
    with_address = Q()
    for email in wanted:
        with_address |= Q(email__iexact=email)
    if not wanted:
        return {}
    people = get_user_model().objects.filter(with_address, is_active=True, is_staff=True)
    people = people.filter(Q(is_superuser=True) | Q(memberships__project=project_id)).distinct()
    return {person.email.lower(): person.get_username() for person in people.order_by("-pk")}


def _render(issue_id: int) -> str:
    issue = Issue.objects.filter(pk=issue_id, merged_into=None).select_related("first_release", "last_release").first()
    suspects = suspects_of_issue(issue) if issue else []
    if issue is None or not suspects:
        return ""
    context = {"suspects": _suspected(suspects, issue), "release": release_to_blame(issue)}
    return render_to_string("releases/_suspects_panel.html", context)


def _suspected(suspects: Sequence[Suspect], issue: Issue) -> list[Suspected]:
    logins = logins_of([each.commit.author_email for each in suspects], issue.project_id)
    if issue.assignee_id or issue.assigned_team_id:
        logins = {}
    return [
        Suspected(line_of(each.commit, each), logins.get(each.commit.author_email.lower(), "")) for each in suspects
    ]
