"""The admin page "Try the scrubbing": JSON in, what would be kept of it out. Nothing of it is stored or logged."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import UnfoldAdminTextareaWidget

from tradewatch.inbox.scrub import ScrubPolicy, scrub_document
from tradewatch.projects.access import visible_projects
from tradewatch.projects.rules import fault_in_scrub_fields
from tradewatch.projects.scoped_admin import admin_actor

MAX_CHARACTERS = 100_000
EXAMPLE = {
    "request": {"headers": {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9"}, "data": {"password": "hunter22"}},
    "extra": {"account_pin": "4711", "quantity": 200},
}


class ScrubForm(forms.Form):
    fields_too = forms.CharField(
        required=False, label="Fields to remove as well", help_text="Names, one a line. Start: the project's own."
    )
    document = forms.CharField(label="JSON of an event, or a part of one", max_length=MAX_CHARACTERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fields_too"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        self.fields["document"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 12, "spellcheck": "false"})

    def clean_fields_too(self) -> list[str]:
        names = [line.strip() for line in self.cleaned_data["fields_too"].splitlines() if line.strip()]
        if fault := fault_in_scrub_fields(names):
            raise forms.ValidationError(fault)
        return names

    def clean_document(self) -> dict[str, Any]:
        try:
            document = json.loads(self.cleaned_data["document"])
        except (ValueError, RecursionError):
            raise forms.ValidationError("Enter valid JSON.") from None
        if not isinstance(document, dict):
            raise forms.ValidationError('Expected an object, e.g. {"extra": {...}}.')
        return document


@sensitive_post_parameters()
def try_scrubbing(request: HttpRequest, project_id: int) -> HttpResponse:
    project = get_object_or_404(visible_projects(admin_actor(request)), pk=project_id)
    first = {"fields_too": "\n".join(project.scrub_fields), "document": json.dumps(EXAMPLE, indent=2)}
    form = ScrubForm(request.POST or None, initial=first)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "form": form,
        "project": project,
        "title": "Try the scrubbing",
    }
    if request.method == "POST" and form.is_valid():
        document = form.cleaned_data["document"]
        policy = ScrubPolicy(project.keeps_ip_addresses, frozenset(form.cleaned_data["fields_too"]))
        removed = scrub_document(document, policy)
        document.pop("_removed", None)  # the list is shown beside
        kept = json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode()
        context |= {"lines": [(line, "[removed: " in line) for line in kept.splitlines()], "removed": removed}
    return render(request, "inbox/admin/try_scrubbing.html", context)
