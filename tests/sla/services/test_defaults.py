import pytest

from sla.models import Target, TargetVersion
from sla.rules import faults_in
from sla.services.defaults import DEFAULTS, ensure_defaults, ensure_missing_defaults
from sla.services.targets import archive_target, promise_of
from tests.projects.builders import make_project
from tests.sla.promises import NOW, make_target
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.services import create_project

pytestmark = pytest.mark.django_db

NAMES = {"availability", "response_time", "error_rate", "uptime"}


def names(project) -> set[str]:
    return set(Target.objects.filter(project=project).values_list("metric_name", flat=True))


def test_a_project_has_the_four_from_its_creation() -> None:
    project = create_project(SYSTEM, name="Desk")
    assert names(project) == NAMES == set(DEFAULTS)
    assert all(Target.objects.filter(project=project).values_list("is_default", flat=True))
    versions = {row.target.metric_name: row for row in TargetVersion.objects.select_related("target")}
    assert versions["response_time"].definition == {"quantile": 0.95, "threshold_seconds": 0.5}
    assert {row.number for row in versions.values()} == {1}


def test_each_default_is_a_promise_that_a_person_could_make() -> None:
    project = create_project(SYSTEM, name="Desk")
    for version in TargetVersion.objects.filter(target__project=project):
        assert faults_in(promise_of(version), markets=()) == {}


def test_older_projects_get_what_they_lack_once(django_assert_num_queries) -> None:
    old, named, full = make_project("old"), make_project("named"), create_project(SYSTEM, name="Full")
    own = make_target("uptime", project=named)
    ids = [old.pk, named.pk, full.pk]
    ensure_missing_defaults(ids, now=NOW)
    with django_assert_num_queries(1):
        ensure_missing_defaults(ids, now=NOW)
    assert names(old) == names(named) == names(full) == NAMES
    own.refresh_from_db()
    assert not own.is_default and own.versions.get().indicator == "availability"


def test_an_archived_default_does_not_come_back() -> None:
    project = create_project(SYSTEM, name="Desk")
    archive_target(SYSTEM, Target.objects.get(metric_name="uptime"), now=NOW)
    assert ensure_defaults(project, now=NOW) == []
    assert Target.objects.filter(archived_at=None).count() == 3


def test_a_handful_of_first_requests_burns_no_alert() -> None:
    project = create_project(SYSTEM, name="Desk")
    found = TargetVersion.objects.filter(target__project=project).values_list("least_events", flat=True)
    assert list(found) == [100] * 4
