"""The forms behind the buttons of the issue admin: what is asked before many issues are changed at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from tradewatch.core.actors import Actor
from tradewatch.errors import services
from tradewatch.errors.assignees import TEAM, named_assignee
from tradewatch.errors.choices import IssuePriority
from tradewatch.errors.models import Issue
from tradewatch.errors.reclassifying import reclassify_issue
from tradewatch.projects.models import Team

PEOPLE_LISTED = 300


class ActForm(forms.Form):
    """A form about `issues`; `act` does what it says to one of them. Raises what the services raise."""

    def __init__(self, data: Any = None, *, issues: Sequence[Issue]) -> None:
        super().__init__(data)
        self.issues = issues
        self.prepare()

    def prepare(self) -> None:
        """Fill choices from the issues."""

    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        raise NotImplementedError


class ResolveForm(ActForm):
    how = forms.ChoiceField(
        choices=[
            ("now", "now"),
            ("current", "in the newest release"),
            ("next", "in the next release"),
            ("version", "in the release named below"),
        ],
        widget=UnfoldAdminSelectWidget,
        help_text="An event of an earlier release changes nothing then; one of that or a later is a regression.",
    )
    version = forms.CharField(required=False, max_length=250, widget=UnfoldAdminTextInputWidget)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("how") == "version" and not cleaned.get("version"):
            self.add_error("version", "Which release?")
        return cleaned

    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        how = self.cleaned_data["how"]
        in_release = {"now": None, "version": self.cleaned_data["version"]}.get(how, how)
        return services.resolve_issue(actor, issue, in_release=in_release, undo_token=undo_token)


class IgnoreForm(ActForm):
    until = forms.SplitDateTimeField(required=False, widget=UnfoldAdminSplitDateTimeWidget, help_text="UTC")
    events = forms.IntegerField(
        required=False, min_value=1, widget=UnfoldAdminIntegerFieldWidget, help_text="so many more events"
    )
    users = forms.IntegerField(
        required=False, min_value=1, widget=UnfoldAdminIntegerFieldWidget, help_text="so many more users"
    )

    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        return services.ignore_issue(actor, issue, **self.cleaned_data, undo_token=undo_token)


class AssignForm(ActForm):
    assignee = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)

    def prepare(self) -> None:
        projects = {issue.project_id for issue in self.issues}
        may_see = Q(memberships__project__in=projects) | Q(is_superuser=True)
        people = User.objects.filter(may_see, is_active=True, is_staff=True).distinct().order_by("username")
        self.fields["assignee"].choices = [  # type: ignore[attr-defined]  # of a choice field
            ("", "nobody"),
            ("me", "me"),
            ("Teams", [(f"{TEAM}{team.slug}", team.name) for team in Team.objects.all()[:PEOPLE_LISTED]]),
            ("People", [(name, name) for name in people.values_list("username", flat=True)[:PEOPLE_LISTED]]),
        ]

    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        to = named_assignee(self.cleaned_data["assignee"] or None, actor)
        return services.assign_issue(actor, issue, to, undo_token=undo_token)


class PriorityForm(ActForm):
    priority = forms.ChoiceField(
        required=False,
        choices=[*IssuePriority.choices, ("", "computed from severity, category and state")],
        widget=UnfoldAdminSelectWidget,
    )

    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        return services.set_priority(actor, issue, self.cleaned_data["priority"] or None, undo_token=undo_token)


class MergeForm(ActForm):
    into = forms.TypedChoiceField(
        coerce=int,
        widget=UnfoldAdminSelectWidget,
        help_text="It speaks for all of them from now on. Each can be unmerged again, with what it got meanwhile.",
    )

    def prepare(self) -> None:
        loudest_first = sorted(self.issues, key=lambda issue: -issue.event_count)
        self.fields["into"].choices = [  # type: ignore[attr-defined]  # of a choice field
            (issue.pk, f"#{issue.number} {issue.title[:90]} ({issue.event_count:,} events)") for issue in loudest_first
        ]

    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        target = next(each for each in self.issues if each.pk == self.cleaned_data["into"])
        return issue if issue == target else services.merge_issue(actor, issue, into=target, undo_token=undo_token)


class NoteForm(ActForm):
    text = forms.CharField(max_length=10_000, widget=UnfoldAdminTextareaWidget)

    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        return services.add_note(actor, issue, self.cleaned_data["text"])


class PlainForm(ActForm):
    """Asks nothing but whether it is meant."""

    do: Callable[..., object]

    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        return type(self).do(actor, issue, undo_token=undo_token)


class UnmergeForm(PlainForm):
    do = services.unmerge_issue


class ReopenForm(PlainForm):
    do = services.reopen_issue


class ReclassifyForm(ActForm):
    def act(self, actor: Actor, issue: Issue, undo_token: UUID) -> object:
        return reclassify_issue(actor, issue)


@dataclass(frozen=True, slots=True)
class IssueAct:
    """`verb` is the button, `done` the same in the past; `says` is the sentence above the form."""

    verb: str
    done: str
    form: type[ActForm]
    says: str = ""
    at_least: int = 1


ACTS: Mapping[str, IssueAct] = {
    "resolve": IssueAct("Resolve", "resolved", ResolveForm),
    "ignore": IssueAct("Ignore", "ignored", IgnoreForm, "Without a condition: until somebody reopens it."),
    "reopen": IssueAct("Reopen", "reopened", ReopenForm),
    "assign": IssueAct("Assign", "assigned", AssignForm),
    "priority": IssueAct("Set priority", "changed", PriorityForm),
    "merge": IssueAct("Merge", "merged", MergeForm, "Issues of one project become one.", at_least=2),
    "unmerge": IssueAct("Unmerge", "unmerged", UnmergeForm, "Each gets all its own events back."),
    "note": IssueAct("Write a note", "noted", NoteForm),
    "reclassify": IssueAct(
        "Classify again", "looked at", ReclassifyForm, "By the rules as they are now and each issue's newest event."
    ),
}
