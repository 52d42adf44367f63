from datetime import UTC, datetime, timedelta

import pytest

from tests.projects.builders import make_project
from tradewatch.core.faults import Invalid
from tradewatch.core.paging import read_page
from tradewatch.projects.models import Project, Release

pytestmark = pytest.mark.django_db


def walk(order: tuple[str, ...], size: int) -> list[str]:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = read_page(Project.objects.all(), order=order, cursor=cursor, size=size)
        assert 0 < len(page.rows) <= size
        assert len(seen) < 10, "the walk does not end"
        seen += [project.slug for project in page.rows]
        cursor = page.next
    return seen


@pytest.mark.parametrize(
    ("order", "slugs"),
    [
        (("id",), ["a", "b", "c", "d", "e"]),
        (("-id",), ["e", "d", "c", "b", "a"]),
        (("name", "-id"), ["d", "b", "e", "c", "a"]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 4, 5, 9])
def test_a_walk_meets_each_row_once_in_order(order: tuple[str, ...], slugs: list[str], size: int) -> None:
    for slug in "abcde":
        make_project(slug, name="even" if slug in "bd" else "odd")
    assert walk(order, size) == slugs


@pytest.mark.parametrize("microsecond", [0, 1, 123_000, 999_999])
def test_moments_are_told_apart_to_the_microsecond(microsecond: int) -> None:
    project, moment = make_project(), datetime(2026, 10, 5, 12, 0, 0, microsecond, tzinfo=UTC)
    for version, seen_at in (("a", moment), ("b", moment), ("c", moment - timedelta(microseconds=1))):
        Release.objects.create(project=project, version=version, first_seen_at=seen_at, last_seen_at=seen_at)
    first = read_page(Release.objects.all(), order=("-first_seen_at", "-id"), cursor=None, size=1)
    second = read_page(Release.objects.all(), order=("-first_seen_at", "-id"), cursor=first.next, size=2)
    assert [release.version for release in first.rows + second.rows] == ["b", "a", "c"]
    assert second.next is None


def test_a_last_page_that_is_full_says_so() -> None:
    make_project("a")
    assert read_page(Project.objects.all(), order=("id",), cursor=None, size=1).next is None
    assert read_page(Project.objects.none(), order=("id",), cursor=None, size=1).rows == []


@pytest.mark.parametrize("cursor", ["!", "e30", "W10", "WyJ4Il0", "bnVsbA", "WzEsMl0", "W251bGxd", "é"])
def test_a_cursor_that_was_not_given_out_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as fault:
        read_page(Project.objects.all(), order=("id",), cursor=cursor, size=1)
    assert list(fault.value.errors) == ["cursor"]


def test_a_cursor_of_another_order_is_refused() -> None:
    make_project("a"), make_project("b")
    cursor = read_page(Project.objects.all(), order=("name", "id"), cursor=None, size=1).next
    with pytest.raises(Invalid):
        read_page(Project.objects.all(), order=("id",), cursor=cursor, size=1)
