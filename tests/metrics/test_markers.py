from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from tests.projects.builders import make_project
from tradewatch.metrics import markers
from tradewatch.metrics.markers import Band, Marker, add_band_source, add_marker_source, bands_between, markers_between
from tradewatch.metrics.release_markers import release_markers, short_version
from tradewatch.projects.models import Release

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
END = int(NOW.timestamp())
START = END - 3600


@pytest.fixture(autouse=True)
def _no_other_source(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(markers, "_sources", {})
    monkeypatch.setattr(markers, "_band_sources", {})
    yield


def test_sources_are_told_what_is_shown_and_their_markers_come_in_order() -> None:
    asked = []

    def deployments(project_ids: Sequence[int], environment: str, start: int, end: int) -> list[Marker]:
        asked.append((project_ids, environment, start, end))
        return [Marker(END - 60, "2.0.1"), Marker(START, "2.0.0"), Marker(END, "later"), Marker(START - 1, "before")]

    add_marker_source("deployments", deployments)
    add_marker_source("freezes", lambda *about: [Marker(END - 120, "freeze")])
    assert [each.label for each in markers_between([7], "production", START, END)] == ["2.0.0", "freeze", "2.0.1"]
    assert asked == [([7], "production", START, END)]


def test_a_source_that_fails_costs_its_own_markers_only() -> None:
    add_marker_source("broken", lambda *about: [Marker(1 // 0, "x")])
    add_marker_source("sound", lambda *about: [Marker(START, "2.0.0")])
    assert [each.label for each in markers_between([7], "", START, END)] == ["2.0.0"]


def test_of_too_many_the_newest_are_kept() -> None:
    add_marker_source("many", lambda *about: [Marker(START + n, str(n)) for n in range(100)])
    found = markers_between([7], "", START, END)
    assert (len(found), found[0].label, found[-1].label) == (markers.MOST, "60", "99")


def test_a_deployment_stands_for_the_first_sight_of_its_release() -> None:
    add_marker_source("deployments", lambda *about: [Marker(START + 1800, "2.0.1", kind="deployment")])
    firsts = [(START + 1790, "2.0.1"), (START + 1790, "2.0.2"), (END - 1, "2.0.1")]
    add_marker_source("releases", lambda *about: [Marker(*each) for each in firsts])
    found = [(each.label, each.kind) for each in markers_between([7], "", START, END)]
    assert found == [("2.0.2", "release"), ("2.0.1", "deployment")]


@pytest.mark.django_db
def test_releases_are_marked_where_they_were_first_seen() -> None:
    project, other = make_project(), make_project("other")
    for each, version, ago in (
        (project, "trading-api@2.0.1", 10),
        (project, "trading-api@2.0.0", 61),
        (other, "other@1", 10),
    ):
        seen_at = NOW - timedelta(minutes=ago)
        Release.objects.create(project=each, version=version, first_seen_at=seen_at, last_seen_at=NOW)
    assert list(release_markers([project.pk], "", START, END)) == [
        Marker(END - 600, "2.0.1", "trading-api@2.0.1 first seen")
    ]


@pytest.mark.parametrize(
    ("version", "short"),
    [("trading-api@2.0.1", "2.0.1"), ("2.1.0-rc.1", "2.1.0-rc.1"), ("a" * 40, "a" * 10 + "…"), ("odd@", "odd@")],
)
def test_a_flag_has_room_for_the_number_only(version: str, short: str) -> None:
    assert short_version(version) == short


def test_bands_are_cut_to_what_is_shown_and_come_in_order() -> None:
    add_band_source("alerts", lambda *about: [Band(END - 60, END + 60, "late"), Band(START - 60, START + 60, "early")])
    add_band_source("broken", lambda *about: [Band(1 // 0, 0)])
    add_band_source("past", lambda *about: [Band(START - 60, START, "over before"), Band(END, END + 5, "not yet")])
    assert bands_between([7], "production", START, END) == [
        Band(START, START + 60, "early"),
        Band(END - 60, END, "late"),
    ]
