"""The admin page "Export and import": the whole alerting configuration as a file, and back, checked first."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from alerts.configuration.reading import MOST_BYTES, import_yaml
from alerts.configuration.writing import export_yaml
from tradewatch.projects.access import may_everywhere
from tradewatch.projects.choices import Scope
from tradewatch.projects.scoped_admin import admin_actor


class ImportForm(forms.Form):
    file = forms.FileField(required=False, help_text="A file that was exported here or elsewhere; or paste it below.")
    text = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 12, "spellcheck": "false"}))
    removes = forms.BooleanField(
        required=False,
        label="remove what its sections do not name",
        widget=UnfoldBooleanWidget,
        help_text="Off: rows that the file does not name stay as they are.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and file.size <= MOST_BYTES:
            try:
                cleaned["text"] = file.read().decode("utf-8")
            except UnicodeDecodeError:
                self.add_error("file", "not a text in UTF-8")
        elif file is not None:
            self.add_error("file", f"at most {MOST_BYTES:,} bytes")
        if not self.errors and not cleaned.get("text"):
            self.add_error("file", "choose a file, or paste its text")
        return cleaned


def configuration_page(request: HttpRequest) -> HttpResponse:
    """Show the form; a POST checks the document, and applies it when it was asked with `apply`."""
    actor = admin_actor(request)
    if not may_everywhere(actor, scope=Scope.ADMIN):
        raise PermissionDenied
    if request.GET.get("export") == "yaml":
        name = f"tradewatch-alerting-{timezone.now():%Y-%m-%d}.yaml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(export_yaml(actor), content_type="application/yaml; charset=utf-8", headers=headers)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    context: dict[str, Any] = {**admin.site.each_context(request), "form": form, "title": "Export and import"}
    if request.method == "POST" and form.is_valid():
        text, removes, applies = form.cleaned_data["text"], form.cleaned_data["removes"], "apply" in request.POST
        context["outcome"] = import_yaml(actor, text, applies=applies, removes=removes, now=timezone.now())
        context |= {"applied": applies and not context["outcome"].faults, "text": text, "removes": removes}
    return render(request, "alerts/admin/configuration.html", context)
