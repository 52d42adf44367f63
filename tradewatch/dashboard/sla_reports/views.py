"""Reports of SLA targets: the list, a kept one, its files; keep one now, verify one."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from sla.models import Report
from sla.reports.api import answer_of
from sla.reports.asking import FORMATS, read_asked
from sla.reports.keeping import document_of, edition_of, is_genuine, keep, kept_file
from sla.reports.sheet import sheet_of
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Fault, Invalid
from tradewatch.dashboard.pages import actor_of, page, refuse, show, staff_only
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.sla_reports.listing import page_of
from tradewatch.dashboard.views.acting import Action, act
from tradewatch.projects import access
from tradewatch.projects.choices import Role
from tradewatch.projects.choices import Scope as TokenScope


@page
def reports(request: HttpRequest, scope: Scope) -> HttpResponse:
    context = page_of(scope.project_ids, request.GET.get("cursor"), timezone.now())
    may = scope.project is not None and access.may(
        actor_of(request), scope.project.pk, Role.RESPONDER, scope=TokenScope.SLA_WRITE
    )
    crumbs = [("SLA", reverse("sla") + scope.query)]
    return show(
        request,
        scope,
        "sla/reports/list.html",
        {**context, "may_keep": may, "several": scope.project is None},
        crumb="Reports",
        crumbs=crumbs,
    )


@page
def kept(request: HttpRequest, scope: Scope, report_id: int) -> HttpResponse:
    """Show a kept report; whether it is what was kept is computed each time it is opened."""
    report = _visible(scope, report_id)
    document = document_of(report)
    context = {
        "report": report,
        "sheet": sheet_of(document),
        "edition": edition_of(report),
        "is_genuine": is_genuine(report),
        "forms": [
            (form.upper(), reverse("sla-report-file", args=[report.pk, form])) for form in ("pdf", "csv", "json")
        ],
        "told": sum(len(each.told) for each in report.mailings.all()),
    }
    return render(request, "sla/reports/kept.html", context)


@page
def download(request: HttpRequest, scope: Scope, report_id: int, form: str) -> HttpResponse:
    if form not in FORMATS:
        raise Http404(f"no form {form}")
    report = _visible(scope, report_id)
    return answer_of(document_of(report), kept_file(report, form))


@staff_only
@require_POST
def keep_report(request: HttpRequest) -> HttpResponse:
    """Make the report of the period that the form names, and open it."""
    actor = actor_of(request)
    project = get_object_or_404(access.visible_projects(actor), slug=request.POST.get("project", ""))
    try:
        report = keep(actor, project, read_asked(_asked(request)), now=timezone.now())
    except Fault as fault:
        texts = [text for many in fault.errors.values() for text in many]
        refuse(request, "; ".join([fault.detail, *texts]))
        return HttpResponseRedirect(f"{reverse('sla-reports')}?project={project.slug}")
    return HttpResponseRedirect(report.get_absolute_url())


@staff_only
@require_POST
def verify(request: HttpRequest, report_id: int) -> HttpResponse:
    rows = Report.objects.filter(project__in=access.visible_projects(actor_of(request)))
    report = get_object_or_404(rows, pk=report_id)
    done = Action(_verified, lambda each: f"SHA-256 {each.sha256[:12]}… is that of the kept figures")
    return act(request, done, report, title=str(report), undo_url=None, otherwise=report.get_absolute_url())


def _verified(actor: Actor, report: Report) -> Report:
    if not is_genuine(report):
        raise Invalid("the kept figures do not have the SHA-256 that was told: somebody changed the database")
    return report


def _asked(request: HttpRequest) -> dict[str, str]:
    """Return what is asked: the written period, else the chosen one."""
    name = request.POST.get("other", "").strip() or request.POST.get("period", "")
    return {"period_days": name.removesuffix("d")} if name.endswith("d") else {"period": name}


def _visible(scope: Scope, report_id: int) -> Report:
    return get_object_or_404(Report.objects.select_related("project"), pk=report_id, project__in=scope.projects)
