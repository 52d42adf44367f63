from datetime import UTC, datetime, timedelta

import pytest

from tests.projects.builders import make_project
from tradewatch.projects.models import Environment, Release, ReleaseSighting
from tradewatch.projects.sightings import (
    newest_release,
    newest_release_in,
    see_environments,
    see_releases,
    see_sightings,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_release_is_written_once_and_touched_once_a_minute() -> None:
    project = make_project()
    key = (project.pk, "oms@4.12.0")
    first = see_releases([key, key], now=NOW)
    assert first[key].order.key == Release.objects.get().order_key != ""
    see_releases([key], now=NOW + timedelta(seconds=30))
    assert Release.objects.get().last_seen_at == NOW
    again = see_releases([key], now=NOW + timedelta(minutes=5))
    assert again[key].id == first[key].id
    assert Release.objects.get().last_seen_at == NOW + timedelta(minutes=5)
    assert Release.objects.get().first_seen_at == NOW


def test_the_same_version_of_two_projects_is_two_releases() -> None:
    one, other = make_project("one"), make_project("other")
    seen = see_releases([(one.pk, "1.0.0"), (other.pk, "1.0.0"), (one.pk, "")], now=NOW)
    assert len({release.id for release in seen.values()}) == 2
    assert Release.objects.count() == 2


def test_environments_are_written_once() -> None:
    project, other = make_project(), make_project("other")
    see_environments([(project.pk, "production"), (project.pk, "production"), (other.pk, "")], now=NOW)
    see_environments([(project.pk, "staging"), (project.pk, "production"), (other.pk, "production")], now=NOW)
    assert sorted(Environment.objects.values_list("project__slug", "name")) == [
        ("default", "production"),
        ("default", "staging"),
        ("other", "production"),
    ]


def test_newest_release_is_by_order_not_by_sight() -> None:
    project = make_project()
    assert newest_release(project.pk) is None
    see_releases([(project.pk, "oms@4.12.0")], now=NOW)
    see_releases([(project.pk, "oms@4.9.7")], now=NOW + timedelta(hours=1))
    newest = newest_release(project.pk)
    assert newest is not None
    assert newest.order.version == "oms@4.12.0"


def test_which_release_was_met_where_is_written_once_and_touched_once_a_minute() -> None:
    project = make_project()
    keys = [(project.pk, "oms@4.12.0"), (project.pk, "oms@4.9.7")]
    new, old = (see_releases(keys, now=NOW)[key].id for key in keys)
    see_sightings([(new, "staging"), (old, "production"), (old, "production"), (old, "")], now=NOW)
    see_sightings([(old, "production")], now=NOW + timedelta(seconds=50))
    see_sightings([(old, "staging"), (new, "staging")], now=NOW + timedelta(minutes=2))
    found = ReleaseSighting.objects.order_by("release", "environment").values_list("release", "environment")
    assert list(found) == sorted([(new, "staging"), (old, "production"), (old, "staging")])
    assert ReleaseSighting.objects.get(release=old, environment="production").last_seen_at == NOW
    assert ReleaseSighting.objects.get(release=new).last_seen_at == NOW + timedelta(minutes=2)


def test_the_newest_release_of_an_environment_is_by_order_among_those_met_there() -> None:
    project = make_project()
    assert newest_release_in(project.pk, "production") == ""
    for minute, (version, environment) in enumerate(
        [("oms@4.12.0", "staging"), ("oms@4.9.7", "production"), ("oms@4.9.6", "production")]
    ):
        key = (project.pk, version)
        at = NOW + timedelta(minutes=minute)
        see_sightings([(see_releases([key], now=at)[key].id, environment)], now=at)
    assert newest_release_in(project.pk, "production") == "oms@4.9.7"
    since = NOW + timedelta(minutes=2)
    assert newest_release_in(project.pk, "production", first_seen_since=since) == "oms@4.9.6"
    assert newest_release_in(project.pk, "staging", first_seen_since=since) == ""
