"""Repositories, which managers set up, and commits, which are only read, in the admin."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.choices import RepositoryHost
from releases.commits.asked import fault_in_repository
from releases.commits.links import commit_url, host_of, page_of
from releases.commits.services import ask_to_read
from releases.git.places import fault_in_path
from releases.models import Commit, CommitFile, Repository
from tradewatch.core.admin import BoundedInlineFormSet, ReadOnlyInline
from tradewatch.projects.rule_admin import RuleAdmin
from tradewatch.projects.scoped_admin import ScopedRecordAdmin, act_on_each

_SAID = ("project", "name", "url", "host", "path")
_READ = ("read_at", "read_fault")


class RepositoryForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    url = forms.CharField(
        required=False,
        max_length=500,
        label="URL",
        help_text="Of its page, or to clone it (git@github.com:owner/name.git): commits link there.",
    )

    host = forms.ChoiceField(
        required=False,
        choices=[("", "As the URL's host says"), *(each for each in RepositoryHost.choices if each[0])],
        help_text="Whose pages of commits and comparisons are linked to.",
    )

    class Meta:
        model = Repository
        fields = _SAID

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if fault := fault_in_repository(name):
            raise ValidationError(fault)
        return name

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url and not page_of(url):
            raise ValidationError("expected an address such as https://github.com/owner/name")
        return page_of(url)

    def clean_path(self) -> str:
        path: str = self.cleaned_data["path"]
        if path and (fault := fault_in_path(path)):
            raise ValidationError(fault)
        return path

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("host"):
            cleaned["host"] = host_of(cleaned.get("url") or "")
        return cleaned


@admin.register(Repository)
class RepositoryAdmin(RuleAdmin):
    form = RepositoryForm
    list_display = ("name", "project", "host", "path", "read_at", "read_fault")
    list_filter = ("project", "host")
    search_fields = ("name", "url")
    list_select_related = ("project",)
    ordering = ("name", "id")
    readonly_fields = _READ
    fields = (*_SAID, *_READ)
    actions = ("read_now",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else _SAID

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description="Read now from disk", permissions=["change"])
    def read_now(self, request: HttpRequest, rows: QuerySet[Repository]) -> None:
        ask = partial(ask_to_read, now=timezone.now())
        act_on_each(request, rows, ask, "will be read within half a minute")


class FileInline(ReadOnlyInline):
    per_page = 50
    model = CommitFile
    fields = readonly_fields = ("path", "change")
    formset = BoundedInlineFormSet
    ordering = ("path",)


@admin.register(Commit)
class CommitAdmin(ScopedRecordAdmin):
    project_path = "repository__project_id"
    list_display = ("short", "said", "author_name", "repository", "committed_at")
    list_filter = ("repository__project",)
    search_fields = ("^sha", "^author_email")
    list_select_related = ("repository",)
    ordering = ("-id",)
    readonly_fields = ("at_host",)
    inlines = (FileInline,)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="commit")
    def short(self, row: Commit) -> str:
        return row.sha[:10]

    @admin.display(description="message")
    def said(self, row: Commit) -> str:
        return row.subject[:120]

    @admin.display(description="at its host")
    def at_host(self, row: Commit) -> SafeString | str:
        url = commit_url(row.repository, row.sha)
        return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', url, url) if url else "not known"
