import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.performance.models import PerformanceSettings
from tradewatch.performance.traces.expecting import LIMITS, faults_in, limit_faults_in
from tradewatch.performance.traces.limits import DEFAULT_LIMITS, Limits
from tradewatch.performance.traces.services import save_expectations
from tradewatch.performance.traces.thresholds import Expectations, expectations, finding_limits
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

LIMIT_FORM = {
    "n_plus_one_queries": "3",
    "n_plus_one_seconds": "0",
    "slow_query_seconds": "0.2",
    "slow_http_seconds": "2",
    "large_answer_bytes": "4096",
}
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
    assert expectations([project.pk], timezone.now()) == {project.pk: Expectations(0.2, (300, 2000))}
    entry = AuditEntry.objects.get(action="performance.settings")
    assert (entry.project_id, entry.changes) == (project.pk, {"apdex_seconds": [0.5, 0.2]})


@pytest.mark.django_db
def test_the_admin_sets_them_and_says_what_is_wrong(client: Client):
    project, user = make_project(), make_user("mia")
    add_member(SYSTEM, project, user, Role.MANAGER)
    client.force_login(user)
    form = {"project": project.pk, "apdex_seconds": "0.25", "latency_thresholds": "[0.3]", **LIMIT_FORM}
    faulty = client.post(f"{LIST}add/", form | {"apdex_seconds": "0"})
    assert "must be seconds from 0.001 to 3600" in faulty.content.decode()
    assert client.post(f"{LIST}add/", form).status_code == 302
    change = reverse("admin:performance_performancesettings_change", args=[project.pk])
    assert client.post(change, {**LIMIT_FORM, "apdex_seconds": "0.75", "latency_thresholds": "[]"}).status_code == 302
    row = PerformanceSettings.objects.get()
    assert (row.pk, row.apdex_seconds, row.latency_thresholds) == (project.pk, 0.75, [])
    assert AuditEntry.objects.filter(action="performance.settings", actor_label="mia").count() == 2


@pytest.mark.parametrize("field", LIMITS)
def test_limits_have_bounds_which_they_may_reach(field: str):
    low, high, _ = LIMITS[field]
    good = {name: bounds[0] for name, bounds in LIMITS.items()}
    for value in (low, high):
        assert limit_faults_in(good | {field: value}) == {}
    for value in (low - 0.0005, high + 1, float("nan"), float("inf"), True, None, "5"):
        assert list(limit_faults_in(good | {field: value})) == [field], value


@pytest.mark.django_db
def test_a_project_has_limits_of_its_own_and_others_the_default_ones(client: Client):
    project, other, user = make_project(), make_project("other"), make_user("mia")
    add_member(SYSTEM, project, user, Role.MANAGER)
    client.force_login(user)
    offered = client.get(f"{LIST}add/?project=default").content.decode()
    assert f'value="{project.pk}" selected' in offered and 'value="1048576"' in offered
    form = {"project": project.pk, "apdex_seconds": "0.5", "latency_thresholds": "[]", **LIMIT_FORM}
    faulty = client.post(f"{LIST}add/", form | {"n_plus_one_queries": "1", "slow_query_seconds": "0"})
    assert "must be queries from 2 to 1,000" in faulty.content.decode()
    assert "must be seconds from 0.001 to 3,600" in faulty.content.decode()
    assert client.post(f"{LIST}add/", form).status_code == 302
    assert finding_limits([project.pk, other.pk]) == {project.pk: Limits(3, 0.0, 0.2, 2.0, 4096)}
    page = client.get("/traces").content.decode()
    assert "the same query 3 times" in page and f'href="/admin/performance/performancesettings/{project.pk}/' in page
    PerformanceSettings.objects.all().delete()
    page = client.get("/traces").content.decode()
    assert "the same query 5 times" in page and "performancesettings/add/?project=default" in page


def test_a_row_without_limits_has_the_default_ones():
    row = PerformanceSettings(apdex_seconds=0.5, latency_thresholds=[])
    assert row.faults() == {}
    assert (row.n_plus_one_queries, row.slow_query_seconds) == (DEFAULT_LIMITS.repeats, DEFAULT_LIMITS.query_seconds)
