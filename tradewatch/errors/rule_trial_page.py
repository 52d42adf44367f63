"""The admin page "Try a rule": patterns as they would be saved, and which issues they match, why, and what changes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from tradewatch.errors.classification import Rule
from tradewatch.errors.models import ClassificationRule
from tradewatch.errors.patterns import PATTERN_FIELDS
from tradewatch.errors.rule_trial import DRAFT, try_rule
from tradewatch.projects.access import visible_projects
from tradewatch.projects.scoped_admin import admin_actor

PATTERNS = (*PATTERN_FIELDS, "tag")


class TrialForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The rule's own form and checks, for looking: it is never saved."""

    class Meta:
        model = ClassificationRule
        fields = (*PATTERNS, "project", "category", "position")
        widgets = {
            **dict.fromkeys(PATTERNS, UnfoldAdminTextInputWidget),
            "project": UnfoldAdminSelectWidget,
            "category": UnfoldAdminSelectWidget,
            "position": UnfoldAdminIntegerFieldWidget,
        }


def try_page(request: HttpRequest, rules: Any) -> HttpResponse:
    """Render the page. `rules` are those the person may see; `?rule=` starts from one of them."""
    projects = visible_projects(admin_actor(request))
    number = request.GET.get("rule", "")
    rule = rules.filter(pk=number).first() if number.isascii() and number.isdecimal() and len(number) < 18 else None
    is_asked = "category" in request.GET
    form = TrialForm(request.GET if is_asked else None, instance=rule)
    form.fields["project"].queryset = projects  # type: ignore[attr-defined]
    context: dict[str, Any] = {**admin.site.each_context(request), "form": form, "rule": rule, "title": "Try a rule"}
    if is_asked and form.is_valid():
        draft = form.instance
        asked = [draft.project_id] if draft.project_id else list(projects.values_list("id", flat=True))
        context["trial"] = try_rule(_values(draft), position=draft.position, project_ids=asked)
        context["query"] = request.GET.urlencode()
    return render(request, "errors/admin/try_rule.html", context)


def _values(draft: ClassificationRule) -> Rule:
    return Rule(
        id=draft.pk or DRAFT,
        project_id=draft.project_id,
        category=draft.category,
        **{name: getattr(draft, name) for name in PATTERNS},
    )
