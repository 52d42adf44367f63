"""One measure for all that ask the same, for as long as somebody asks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sla.choices import Indicator
from sla.measuring import in_force, measure_for
from sla.models import Measure, Target, TargetVersion
from sla.sources import NoSourceError, definition_faults, registry
from tests.sla.builders import make_version
from tradewatch.projects.models import Project

NOW = datetime(2026, 3, 2, 14, 30, 20, tzinfo=UTC)

pytestmark = pytest.mark.django_db


class _Plain:
    has_bins = False

    def canonical(self, definition: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in definition.items() if name != "note"}


@pytest.fixture(autouse=True)
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    sources = dict.fromkeys([Indicator.AVAILABILITY.value, Indicator.LATENCY.value], _Plain())
    monkeypatch.setattr(registry, "_sources", sources)
    yield


@pytest.fixture
def project() -> Project:
    return Project.objects.create(name="Shop", slug="shop")


def test_the_same_question_has_one_measure(project: Project) -> None:
    first = measure_for(project, "production", "availability", {"transaction": "a", "note": 1}, now=NOW)
    again = measure_for(project, "production", Indicator.AVAILABILITY, {"note": 2, "transaction": "a"}, now=NOW)
    others = [
        measure_for(project, "", "availability", {"transaction": "a"}, now=NOW),
        measure_for(project, "production", "latency", {"transaction": "a"}, now=NOW),
        measure_for(project, "production", "availability", {"transaction": "b"}, now=NOW),
    ]
    assert first == again and first.definition == {"transaction": "a"}
    assert len({first.pk, *(each.pk for each in others)}) == 4


def test_what_needs_a_threshold_or_a_tag_is_exact_from_the_next_minute_on(project: Project) -> None:
    moment = datetime(2026, 3, 2, 14, 31, tzinfo=UTC)
    assert measure_for(project, "", "latency", {"threshold_seconds": 0.5}, now=NOW).exact_from == moment
    assert measure_for(project, "", "availability", {"tag": {"key": "a", "value": "b"}}, now=NOW).exact_from == moment
    assert measure_for(project, "", "availability", {}, now=NOW).exact_from is None


def test_a_measure_is_counted_while_a_version_asks_for_it(project: Project) -> None:
    late = NOW + timedelta(days=3)
    first, second = (measure_for(project, name, "availability", {}, now=NOW) for name in ("a", "b"))
    Measure.objects.update(created_at=NOW)
    assert set(in_force(NOW)) == {first, second} and not in_force(late)
    target = Target.objects.create(project=project, metric_name="availability")
    make_version(target, first, number=1, valid_from=NOW)
    assert set(in_force(late)) == {first}
    make_version(target, second, number=2, valid_from=late)
    assert set(in_force(late + timedelta(days=29))) == {first, second}
    assert set(in_force(late + timedelta(days=31))) == {second}
    Target.objects.update(archived_at=late)
    assert not in_force(late)


def test_one_that_was_dropped_meanwhile_is_exact_from_now_on_again(project: Project) -> None:
    measure = measure_for(project, "", "latency", {"threshold_seconds": 0.5}, now=NOW)
    Measure.objects.update(created_at=NOW)
    late = NOW + timedelta(days=3)
    target = Target.objects.create(project=project, metric_name="fast")
    version = make_version(target, measure, valid_from=NOW)
    assert measure_for(project, "", "latency", {"threshold_seconds": 0.5}, now=late).exact_from == measure.exact_from
    TargetVersion.objects.filter(pk=version.pk).delete()
    again = measure_for(project, "", "latency", {"threshold_seconds": 0.5}, now=late)
    assert again == measure and again.exact_from == late.replace(second=0) + timedelta(minutes=1)


def test_what_nothing_counts_is_said(project: Project) -> None:
    assert definition_faults("deployment", {}, project) == {"indicator": ["Nothing counts deployment here."]}
    with pytest.raises(NoSourceError, match="nothing counts deployment"):
        measure_for(project, "", Indicator.DEPLOYMENT, {}, now=NOW)


def test_measures_and_their_versions_go_with_the_project(project: Project) -> None:
    measure = measure_for(project, "", "availability", {}, now=NOW)
    make_version(Target.objects.create(project=project, metric_name="availability"), measure)
    project.delete()
    assert not Measure.objects.exists() and not TargetVersion.objects.exists()
