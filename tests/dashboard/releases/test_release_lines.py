from datetime import timedelta
from typing import Any

import pytest

from releases.choices import Verdict
from releases.health.figures import Health
from tests.projects.builders import make_project
from tests.releases.builders import NOW, make_deployment, see
from tradewatch.dashboard.releases.release_lines import change_of, last_deployments, release_lines, releases_before
from tradewatch.projects.models import Release

DAY = timedelta(days=1)


def named(*versions: str) -> list[Release]:
    """Return releases, the newest first."""
    return [Release(pk=pk, project_id=1, version=version) for pk, version in enumerate(versions, start=1)]


def test_a_release_is_compared_with_the_one_before_it_of_its_package() -> None:
    rows = named("api@2.0.1", "worker@7", "api@2.0.0", "worker@6", "api@1.9")
    before = {pk: row.version for pk, row in releases_before(rows).items()}
    assert before == {1: "api@2.0.0", 2: "worker@6", 3: "api@1.9"}


@pytest.mark.parametrize(
    ("own", "before", "words", "is_bad"),
    [
        ((1000, 14), (1000, 1), "▼ 1.30", True),
        ((10_000, 8), (10_000, 10), "▲ 0.02", False),
        ((1000, 1), (1000, 1), "0.00", False),
        ((10_000, 12), (10_000, 10), "▼ 0.02", False),
    ],
)
def test_the_change_of_crash_free_sessions_is_in_points(own: Any, before: Any, words: str, is_bad: bool) -> None:
    older = Release(pk=2, version="1")
    found = change_of(Health(own[0], 0, own[1]), older, {2: Health(before[0], 0, before[1])})
    assert found and (found.words, found.is_bad, found.than) == (words, is_bad, "1")


def test_without_sessions_on_either_side_there_is_no_change() -> None:
    older = Release(pk=2)
    assert change_of(Health(10, 0, 1), older, {2: Health()}) is None
    assert change_of(Health(), older, {2: Health(10, 0, 1)}) is None
    assert change_of(Health(10, 0, 1), None, {}) is None


@pytest.mark.django_db
def test_the_last_deployment_of_a_release_to_each_environment_says_its_verdict() -> None:
    see("api@2.0.1", at=NOW)
    see("api@2.0.0", at=NOW - DAY)
    new, old = Release.objects.order_by("-first_seen_at")
    make_deployment("2.0.1", started_at=NOW - DAY, verdict=Verdict.UNHEALTHY)
    last = make_deployment("api@2.0.1", started_at=NOW, verdict=Verdict.HEALTHY)
    staging = make_deployment("2.0.1", started_at=NOW - 2 * DAY, environment="staging")
    make_deployment("2.0.1", started_at=NOW, project=make_project("other"))
    assert last_deployments([new, old]) == {new.pk: [last, staging]}
    assert last_deployments([new, old], "staging") == {new.pk: [staging]}
    assert last_deployments([]) == {}


@pytest.mark.django_db
def test_a_page_ends_in_the_middle_and_its_last_line_still_knows_the_release_before(
    django_assert_max_num_queries: Any,
) -> None:
    for day, version in enumerate(("api@3", "api@2", "api@1")):
        see(version, at=NOW - day * DAY)
    rows = list(Release.objects.order_by("-first_seen_at"))
    with django_assert_max_num_queries(20):
        lines = release_lines(rows[:2], None, now=NOW)
    assert [line.row.version for line in lines] == ["api@3", "api@2"]
    assert [line.commits for line in lines] == [0, 0]
