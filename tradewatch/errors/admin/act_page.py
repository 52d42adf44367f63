"""The page that a bulk action or a button of the issue admin leads to: what is meant, a form, and the way back."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from tradewatch.core.admin import faults_as_messages
from tradewatch.core.faults import Fault
from tradewatch.errors.admin.act_forms import ACTS, ActForm, IssueAct
from tradewatch.errors.issue_serializers import MAX_BULK
from tradewatch.errors.models import Issue
from tradewatch.errors.services import BulkOutcome, change_issues, undo_change
from tradewatch.projects.scoped_admin import admin_actor

TITLES_SHOWN = 20


def act_page(request: HttpRequest, model_admin: Any, name: str) -> HttpResponse:
    """Show the form of the act; do it when it is posted, and lead back to where it was asked for."""
    if name not in ACTS:
        raise Http404(f"no act {name}")
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    act, ids = ACTS[name], _ids(request)
    issues = list(model_admin.get_queryset(request).filter(pk__in=ids).select_related("project"))
    if len(issues) < act.at_least:
        messages.error(request, f"Choose at least {act.at_least} of the issues that you see.")
        return HttpResponseRedirect(reverse("admin:errors_issue_changelist"))
    form = act.form(request.POST if request.method == "POST" else None, issues=issues)
    if request.method == "POST" and form.is_valid():
        answer = _do(request, model_admin, act, form)
        if answer is not None:
            return answer
    return TemplateResponse(request, "errors/admin/act.html", _context(request, model_admin, act, form, issues))


def undo_page(request: HttpRequest, model_admin: Any, token: UUID) -> HttpResponse:
    """Take back what the person has just done; asks once, because a link may be opened by mistake."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        context = {**model_admin.admin_site.each_context(request), "title": "Take it back", "opts": Issue._meta}
        return TemplateResponse(request, "errors/admin/undo.html", context)
    with faults_as_messages(request):
        undone = undo_change(admin_actor(request), token)
        messages.success(request, f"{len(undone.issue_ids)} taken back")
        for why in dict.fromkeys(undone.kept.values()):
            messages.warning(request, f"Kept: {why}")
    return HttpResponseRedirect(reverse("admin:errors_issue_changelist"))


def _do(request: HttpRequest, model_admin: Any, act: IssueAct, form: ActForm) -> HttpResponse | None:
    """Return where to go; None when all was refused, with the reasons at their fields."""
    actor, undo_token = admin_actor(request), uuid4()
    visible = model_admin.get_queryset(request)
    ids = [issue.pk for issue in form.issues]
    try:
        outcome = change_issues(visible, ids, lambda issue: form.act(actor, issue, undo_token), undo_token=undo_token)
    except Fault as fault:
        for field, texts in (fault.errors or {"": [fault.detail]}).items():
            for text in texts:
                form.add_error(field if field in form.fields else None, text)
        return None
    _tell(request, act, outcome, asked=len(ids))
    if len(ids) == 1:
        return HttpResponseRedirect(reverse("admin:errors_issue_change", args=ids))
    return HttpResponseRedirect(reverse("admin:errors_issue_changelist"))


def _tell(request: HttpRequest, act: IssueAct, outcome: BulkOutcome, *, asked: int) -> None:
    done = len(outcome.changed) if outcome.undo else asked - len(outcome.refused)
    text = f"{done:,} {act.done}"
    if outcome.undo:
        url = reverse("admin:errors_issue_undo", args=[outcome.undo])
        messages.success(request, format_html('{} · <a class="underline" href="{}">Undo</a>', text, url))
        if outcome.unchanged and act.verb != "Merge":
            messages.info(request, f"{len(outcome.unchanged):,} were so already")
    else:
        messages.success(request, text)
    for why in dict.fromkeys(outcome.refused.values()):
        messages.error(request, why)


def _context(
    request: HttpRequest, model_admin: Any, act: IssueAct, form: ActForm, issues: list[Issue]
) -> dict[str, Any]:
    return {
        **model_admin.admin_site.each_context(request),
        "title": f"{act.verb} {len(issues):,} {'issue' if len(issues) == 1 else 'issues'}",
        "opts": Issue._meta,
        "act": act,
        "form": form,
        "media": model_admin.media + form.media,
        "ids": ",".join(str(issue.pk) for issue in issues),
        "issues": issues[:TITLES_SHOWN],
        "more": max(len(issues) - TITLES_SHOWN, 0),
    }


def _ids(request: HttpRequest) -> list[int]:
    texts = (request.POST.get("ids") or request.GET.get("ids") or "").split(",")
    return [int(text) for text in texts[:MAX_BULK] if text.isascii() and text.isdigit() and len(text) < 19]
