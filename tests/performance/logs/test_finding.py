import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.performance.logs.builders import NOW, OTHER_TRACE, TRACE, digest_lines, line
from tests.projects.builders import make_project
from tradewatch.core.faults import Invalid
from tradewatch.performance.logs.lines import LEVELS, microseconds
from tradewatch.performance.logs.search.finding import Found, Place, find, newer_than, read_place
from tradewatch.performance.logs.search.wanted import wanted_of
from tradewatch.performance.logs.stored import Stretch
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
END = microseconds(NOW) + 1


@pytest.fixture
def project() -> Project:
    return make_project()


def stretch_of(*projects: Project, hours: float = 48, environment: str = "") -> Stretch:
    start = microseconds(NOW - timedelta(hours=hours))
    return Stretch([each.pk for each in projects], start, END, environment)


def bodies(found: Found) -> list[str]:
    return [each.line.body for each in found.lines]


def pages(query: str, stretch: Stretch, size: int) -> Iterator[Found]:
    after = None
    while True:
        found = find(wanted_of(query), stretch, size=size, after=after)
        yield found
        after = found.next
        if after is None:
            return


def test_the_newest_come_first_across_blocks_and_projects(project: Project) -> None:
    other = make_project("other")
    digest_lines(project, line("n9", ago=9), line("n5", ago=5), line("n1", ago=1))
    digest_lines(other, line("n8", ago=8), line("n2", ago=2))
    digest_lines(project, line("n3", ago=3), line("n7", ago=7))
    found = find(wanted_of(""), stretch_of(project, other), size=4)
    assert bodies(found) == ["n1", "n2", "n3", "n5"] and found.next is not None
    assert bodies(find(wanted_of(""), stretch_of(project, other), size=4, after=found.next)) == ["n7", "n8", "n9"]


def test_only_what_was_asked_about(project: Project) -> None:
    digest_lines(project, line("old", ago=7200), line("staging", attributes={"sentry.environment": "staging"}))
    digest_lines(make_project("other"), line("theirs"))
    assert bodies(find(wanted_of(""), stretch_of(project, hours=1), size=9)) == ["staging"]
    assert bodies(find(wanted_of(""), stretch_of(project, environment="production"), size=9)) == ["old"]


@pytest.mark.parametrize("size", [1, 3, 7, 50])
@pytest.mark.parametrize(
    "query", ["", "order", "level:>=error", f"trace:{TRACE}", "symbol:ACME !level:info", "nothing"]
)
def test_pages_together_are_what_a_plain_search_finds(project: Project, size: int, query: str) -> None:
    """Containers overlap in time, moments repeat; against the same question asked line by line."""
    dice = random.Random(7)
    sent = [_random_line(dice, number) for number in range(120)]
    for start in range(0, 120, 12):
        digest_lines(project, *sent[start : start + 12])
    expected = Counter(each["body"] for each in sent if _fits(query, each))
    seen = [each.line for found in pages(query, stretch_of(project), size) for each in found.lines]
    assert Counter(each.body for each in seen) == expected
    assert [each.place for each in seen] == sorted((each.place for each in seen), reverse=True)


def _random_line(dice: random.Random, number: int) -> dict[str, object]:
    return line(
        f"{dice.choice(['order', 'quote'])} {number}",
        ago=dice.randrange(40) * 7,
        level=dice.choice(LEVELS),
        trace_id=dice.choice([TRACE, OTHER_TRACE, None]),
        attributes={"symbol": dice.choice(["ACME", "BETA"])},
    )


def _fits(query: str, sent: dict[str, object]) -> bool:
    attributes = sent["attributes"]
    assert isinstance(attributes, dict)
    return {
        "": True,
        "order": "order" in str(sent["body"]),
        "level:>=error": sent["level"] in ("error", "fatal"),
        f"trace:{TRACE}": sent["trace_id"] == TRACE,
        "symbol:ACME !level:info": attributes["symbol"]["value"] == "ACME" and sent["level"] != "info",
        "nothing": False,
    }[query]


def test_lines_that_are_alike_in_all_stay_together(project: Project) -> None:
    for after in ("one", "two"):
        digest_lines(project, line("twin", ago=5), line("twin", ago=5), line(after, ago=6))
    assert [len(found.lines) for found in pages("", stretch_of(project), 1)] == [4, 1, 1]


def test_counts_by_step_and_level(project: Project) -> None:
    digest_lines(project, line("a", ago=30), line("b", ago=31, level="error"), line("c", ago=95), line("a", ago=96))
    found = find(wanted_of("!b"), stretch_of(project), size=1, step_seconds=60)
    minute = int(NOW.timestamp()) // 60 * 60
    assert found.counts == {(minute, "info"): 1, (minute - 120, "info"): 2}
    assert bodies(found) == ["a"] and found.is_complete
    second = find(wanted_of("!b"), stretch_of(project), size=1, after=found.next, step_seconds=60)
    assert (second.counts, bodies(second)) == (found.counts, ["c"])


def test_a_search_that_takes_too_long_says_how_far_it_came_and_goes_on(project: Project) -> None:
    for ago in range(1, 9):
        digest_lines(project, line(f"n{ago}", ago=ago * 10), line(f"n{ago}-", ago=ago * 10 + 12))
    nothing = find(wanted_of(""), stretch_of(project), size=100, longest_seconds=-1)
    assert not nothing.lines and not nothing.is_complete and nothing.next is not None
    complete = find(wanted_of(""), stretch_of(project), size=100)
    clock = iter([0.0, 1.0, 1.0, 1.0, 9.0, *[9.0] * 100])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tradewatch.performance.logs.search.finding.time.monotonic", lambda: next(clock))
        found = find(wanted_of(""), stretch_of(project), size=100)
    assert not found.is_complete and found.next is not None
    seen = bodies(found)
    assert 0 < len(seen) < 16 and all(each.line.at_us > found.searched_to_us for each in found.lines)
    seen += bodies(find(wanted_of(""), stretch_of(project), size=100, after=found.next))
    assert seen == bodies(complete) and len(seen) == 16


def test_what_came_since(project: Project) -> None:
    digest_lines(project, line("seen", ago=20))
    [seen] = find(wanted_of(""), stretch_of(project), size=1).lines
    place = Place(*seen.line.place)
    assert newer_than(wanted_of(""), stretch_of(project), place, most=100) == 0
    digest_lines(project, line("new", ago=10), line("new error", ago=9, level="error"), line("late", ago=30))
    assert newer_than(wanted_of(""), stretch_of(project), place, most=100) == 2
    assert newer_than(wanted_of("level:error"), stretch_of(project), place, most=100) == 1
    assert newer_than(wanted_of(""), stretch_of(project), place, most=1) == 1


@pytest.mark.parametrize("text", ["", "x", "1", "1.", ".a", "-1.a", "1.g", "1.a.b", "9" * 30 + ".a"])
def test_a_cursor_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_place(text)


def test_a_place_is_read_as_it_is_written() -> None:
    assert read_place(str(Place(1795653412292531, 77))) == Place(1795653412292531, 77)
    assert read_place(str(Place(5))) == Place(5)
