"""From the form in the admin to the report on its page, as a manager of one project."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import InternalError
from tradewatch.processes.erasing import services
from tradewatch.processes.erasing.running import claim, run
from tradewatch.processes.models import Erasure
from tradewatch.projects.models import Environment, Project
from tradewatch.projects.services import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("inbox")]
GONE = "u-7f3k9-gone"
ADD = reverse("admin:processes_erasure_add")


def client_of(role: str, project: Project) -> Client:
    user = make_user(role)
    add_member(SYSTEM, project, user, role)
    client = Client()
    client.force_login(user)
    return client


def form(**values: Any) -> dict[str, Any]:
    return {"project": "", "user_id": GONE, "email": "", "confirmed": GONE, **values}


def test_a_manager_erases_in_their_project_and_reads_the_report() -> None:
    project = make_project("desk")
    Environment.objects.create(project=project, name=GONE, first_seen_at=timezone.now())
    client = client_of("manager", project)
    assert "cannot be brought back" in client.get(ADD).content.decode()
    refused = client.post(ADD, form(project=project.pk, confirmed="u-7f3k9"))
    assert "again" in refused.content.decode() and not Erasure.objects.exists()
    assert "needs a superuser" in client.post(ADD, form()).content.decode()
    assert client.post(ADD, form(project=project.pk)).status_code == 302
    erasure = Erasure.objects.get()
    page = reverse("admin:processes_erasure_change", args=[erasure.pk])
    assert "begins within" in client.get(page).content.decode()
    assert claim(erasure, now=timezone.now())
    run(erasure)
    shown = client.get(page).content.decode()
    assert f"projects.Environment ({project.name})" in shown and GONE not in shown
    assert AuditEntry.objects.get(action="person.erase").actor_label == "manager"
    assert GONE not in str(list(AuditEntry.objects.values()))


def test_who_may_not_sees_neither_form_nor_list() -> None:
    project = make_project()
    for role in ("viewer", "responder"):
        client = client_of(role, project)
        assert client.get(ADD).status_code == 403
        assert client.get(reverse("admin:processes_erasure_changelist")).status_code == 403


def test_the_clock_starts_a_process_for_what_waits_or_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[list[str]] = []
    monkeypatch.setattr(services.subprocess, "Popen", lambda command, **options: begun.append(command))
    now = timezone.now()
    assert services.start_open_ones(now) == 0
    erasure = services.ask_for_erasure(SYSTEM, user_id=GONE, project=None, is_dry_run=False, now=now)
    assert services.start_open_ones(now) == 1 and begun[0][-2:] == ["--go-on", str(erasure.pk)]
    assert claim(erasure, now=now) and services.start_open_ones(now) == 0
    assert services.start_open_ones(now + 2 * (erasure.leased_until - now)) == 1


def test_our_own_notes_of_errors_are_of_no_project() -> None:
    InternalError.objects.create(at=timezone.now(), where="digest", text=f"KeyError: {GONE}")
    for project, left in ((make_project(), True), (None, False)):
        asked = services.ask_for_erasure(SYSTEM, user_id=GONE, project=project, is_dry_run=False, now=timezone.now())
        assert claim(asked, now=timezone.now())
        run(asked)
        assert (GONE in InternalError.objects.get().text) is left
