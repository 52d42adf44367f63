import pytest
from django.test import Client
from django.urls import reverse

from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.performance.models import PerformanceSettings
from tradewatch.performance.traces.expecting import faults_in
from tradewatch.performance.traces.services import save_expectations
from tradewatch.performance.traces.thresholds import Expectations, expectations
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

LIST = reverse("admin:performance_performancesettings_changelist")


@pytest.mark.parametrize(
    ("apdex", "thresholds", "faulty"),
    [
        (0.5, [], []),
        (1, [0.3, 2], []),
        (0.001, [3600], []),
        (0, [], ["apdex_seconds"]),
        (-1, [], ["apdex_seconds"]),
        (4000, [], ["apdex_seconds"]),
        (True, [], ["apdex_seconds"]),
        (float("nan"), [], ["apdex_seconds"]),
        (None, None, ["apdex_seconds", "latency_thresholds"]),
        (0.5, {"0.3": 1}, ["latency_thresholds"]),
        (0.5, ["0.3"], ["latency_thresholds"]),
        (0.5, [0.3, False], ["latency_thresholds"]),
        (0.5, [0.0001], ["latency_thresholds"]),
        (0.5, [0.1] * 9, ["latency_thresholds"]),
    ],
)
def test_thresholds_that_may_be_set(apdex, thresholds, faulty):
    assert sorted(faults_in(apdex, thresholds)) == faulty


@pytest.mark.django_db
def test_only_a_manager_sets_them_and_the_audit_says_so():
    project = make_project()
    row = PerformanceSettings(project=project, apdex_seconds=0.2, latency_thresholds=[2, 0.3, 0.3])
    responder = make_user("rosa")
    add_member(SYSTEM, project, responder, Role.RESPONDER)
    with pytest.raises(NotAllowed):
        save_expectations(Actor("user", responder.pk, "rosa"), row, changes={})
    with pytest.raises(Invalid):
        save_expectations(SYSTEM, PerformanceSettings(project=project, apdex_seconds=0), changes={})
    save_expectations(SYSTEM, row, changes={"apdex_seconds": [0.5, 0.2]})
    assert expectations([project.pk]) == {project.pk: Expectations(0.2, (300, 2000))}
    entry = AuditEntry.objects.get(action="performance.settings")
    assert (entry.project_id, entry.changes) == (project.pk, {"apdex_seconds": [0.5, 0.2]})


@pytest.mark.django_db
def test_the_admin_sets_them_and_says_what_is_wrong(client: Client):
    project, user = make_project(), make_user("mia")
    add_member(SYSTEM, project, user, Role.MANAGER)
    client.force_login(user)
    form = {"project": project.pk, "apdex_seconds": "0.25", "latency_thresholds": "[0.3]"}
    faulty = client.post(f"{LIST}add/", form | {"apdex_seconds": "0"})
    assert "must be seconds from 0.001 to 3600" in faulty.content.decode()
    assert client.post(f"{LIST}add/", form).status_code == 302
    change = reverse("admin:performance_performancesettings_change", args=[project.pk])
    assert client.post(change, {"apdex_seconds": "0.75", "latency_thresholds": "[]"}).status_code == 302
    row = PerformanceSettings.objects.get()
    assert (row.pk, row.apdex_seconds, row.latency_thresholds) == (project.pk, 0.75, [])
    assert AuditEntry.objects.filter(action="performance.settings", actor_label="mia").count() == 2
