"""Reports that stay: kept with their SHA-256, read back, verified."""

import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from sla.models import Report
from sla.reports.asking import Asked
from sla.reports.canonical import Document, canonical, digest_of
from sla.reports.closing import close
from sla.reports.document import build
from sla.reports.forms import File, file_of
from sla.reports.reading import parts_of
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

TRIES = 5


def keep(actor: Actor, project: Project, asked: Asked, *, made_by: str = "", now: datetime) -> Report:
    """Make the report of a period and keep it: the next version of its name.

    What of the period is over is closed first. `made_by` names a schedule; else it is the actor. Raises `NotAllowed`
    for less than a responder, `Invalid` for a period that has not begun.
    """
    access.require(actor, project.pk, Role.RESPONDER, scope=Scope.SLA_WRITE)
    close(parts_of(project, asked, now), now)
    document = build(project, asked, now)
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                report = _row(project, document, made_by or actor.label)
                report.save()
                audit.record(
                    actor, "sla_report.keep", report, project_id=project.pk, changes={"sha256": ["", report.sha256]}
                )
                return report
        except IntegrityError:  # another took this version within this instant
            continue
    raise Conflict("others keep the same report at this moment: try again")


def document_of(report: Report) -> Document:
    """Return the document as it was kept."""
    return {**json.loads(bytes(report.document)), "sha256": report.sha256}


def is_genuine(report: Report) -> bool:
    """Return whether the kept bytes still have the SHA-256 that was told, and the row says what they say."""
    content = bytes(report.document)
    if digest_of(content) != report.sha256:
        return False
    document: dict[str, Any] = json.loads(content)
    return bool(document["name"] == report.name and " ".join(document["lede"]) == report.lede)


def kept_file(report: Report, form: str) -> File:
    """Return the report as a file; made from the kept document each time, so that all forms say the same."""
    return file_of(document_of(report), form, edition=edition_of(report))


def edition_of(report: Report) -> str:
    return f"version {report.version}"


def _row(project: Project, document: Document, made_by: str) -> Report:
    newest = Report.objects.filter(project=project, name=document["name"]).aggregate(Max("version"))["version__max"]
    period, made_at = document["period"], datetime.fromisoformat(document["made_at"])
    return Report(
        project=project,
        name=document["name"],
        version=(newest or 0) + 1,
        label=period["label"],
        period_start=datetime.fromisoformat(period["start"] or document["made_at"]),
        period_end=datetime.fromisoformat(period["end"] or document["made_at"]),
        lede=" ".join(document["lede"]),
        document=canonical(document),
        sha256=document["sha256"],
        made_at=made_at,
        made_by=made_by[:200],
    )
