import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from tests.performance.logs.builders import NOW, TRACE, container, digest, digest_lines, line
from tests.performance.logs.test_digest import counted, stored
from tests.performance.logs.test_finding import bodies, pages, stretch_of
from tests.projects.builders import make_project
from tradewatch.performance.logs import packing
from tradewatch.performance.logs.packing import pack
from tradewatch.performance.logs.search.finding import find
from tradewatch.performance.logs.search.wanted import wanted_of
from tradewatch.performance.logs.stored import blocks_within
from tradewatch.performance.logs.traces import logs_of_trace
from tradewatch.performance.models import LogBlock
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def project() -> Project:
    return make_project()


def test_lines_stay_exactly_as_they_were(project: Project) -> None:
    dice = random.Random(3)
    for number in range(30):
        lines = [
            line(
                f"n{number} of {at}",
                ago=dice.randrange(3000),
                level=dice.choice(["info", "error", "debug"]),
                trace_id=dice.choice([TRACE, None, "c" * 32]),
                attributes={dice.choice("abcdef"): dice.choice([1, 1.0, True, "1", ["x"]]), "n": number},
            )
            for at in range(dice.randrange(1, 9))
        ]
        digest_lines(project, *lines)
    before = sorted(stored(project), key=lambda each: each.place)
    assert pack(LATER) == 30
    after = sorted(stored(project), key=lambda each: each.place)
    assert after == before
    assert [[type(value) for value in each.attributes.values()] for each in after] == [
        [type(value) for value in each.attributes.values()] for each in before
    ]
    assert LogBlock.objects.count() == 1
    assert pack(LATER) == 0


def test_hours_environments_and_projects_stay_apart(project: Project) -> None:
    staging = {"sentry.environment": "staging"}
    for number in range(2):
        digest_lines(project, line(f"a{number}"), line(f"b{number}", attributes=staging), line(f"c{number}", ago=7200))
        digest_lines(make_project("other"), line(f"d{number}"))
    assert pack(LATER) == 8
    found = {(each.project.slug, each.environment, each.hour % 24, each.line_count) for each in LogBlock.objects.all()}
    assert found == {
        ("default", "production", 11, 2),
        ("default", "staging", 11, 2),
        ("default", "production", 9, 2),
        ("other", "production", 11, 2),
    }


def test_an_hour_that_runs_waits_until_there_is_enough(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "ENOUGH", 3)
    digest_lines(project, line("a", ago=10))
    digest_lines(project, line("b", ago=9))
    assert pack(NOW) == 0
    digest_lines(project, line("c", ago=8))
    assert pack(NOW) == 3
    digest_lines(project, line("late", ago=11))
    assert pack(NOW) == 0  # two of them: the packed one waits for more as well
    assert pack(LATER) == 2 and [each.body for each in stored(project)] == ["late", "a", "b", "c"]


def test_blocks_have_at_most_so_many_lines(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("blocks", "packing"):
        monkeypatch.setattr(f"tradewatch.performance.logs.{module}.MOST_LINES", 4)
    for number in range(5):
        digest_lines(project, *(line(f"n{number}.{at}", ago=at + 1) for at in range(2)))
    assert pack(LATER) == 5
    assert sorted(LogBlock.objects.values_list("line_count", "is_loose")) == [(2, False), (4, False), (4, False)]
    assert len(stored(project)) == 10


def test_a_page_goes_on_where_it_was_when_blocks_were_packed(project: Project) -> None:
    for number in range(6):
        digest_lines(project, line(f"n{number}", ago=number + 1), line(f"m{number}", ago=number + 1.5))
    first = find(wanted_of(""), stretch_of(project), size=5)
    pack(LATER)
    rest = find(wanted_of(""), stretch_of(project), size=100, after=first.next)
    assert bodies(first) + bodies(rest) == [each for at in range(6) for each in (f"n{at}", f"m{at}")]
    assert sum(len(found.lines) for found in pages("", stretch_of(project), 4)) == 12


@pytest.mark.skipif(not settings.IS_POSTGRES, reason="two connections to SQLite in memory lock each other out")
@pytest.mark.django_db(transaction=True)
def test_what_is_read_while_it_is_packed_is_read_once(project: Project) -> None:
    for number in range(40):
        digest_lines(project, line(f"n{number}", ago=number + 1))
    stream = blocks_within(stretch_of(project))
    seen = [next(stream).block.line(0).body]
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(_pack_elsewhere).result(timeout=20) == 40
    seen += [placed.block.line(at).body for placed in stream for at in range(placed.block.line_count)]
    assert sorted(seen) == sorted(f"n{number}" for number in range(40))


def _pack_elsewhere() -> int:
    """On a connection of its own: one that reads and writes in turns sees its own changes."""
    try:
        return pack(LATER)
    finally:
        connection.close()


def test_a_second_packer_changes_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        digest_lines(project, line(f"n{number}"))
    real = packing.merge

    def overtaken(*arguments: object):
        monkeypatch.setattr(packing, "merge", real)
        assert pack(LATER) == 3
        return real(*arguments)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(packing, "merge", overtaken)
    assert pack(LATER) == 0
    assert len(stored(project)) == 3


def test_a_container_that_comes_again_after_packing_is_still_known(project: Project) -> None:
    sent = container(line("once"))
    digest(project, sent)
    digest_lines(project, line("other"))
    pack(LATER)
    digest(project, sent)
    assert counted(project, "logs") == len(stored(project)) == 2


def test_a_trace_is_found_in_packed_blocks(project: Project) -> None:
    for number in range(3):
        digest_lines(project, line(f"n{number}", ago=9 - number))
    pack(LATER)
    assert [each.line.body for each in logs_of_trace([project.pk], TRACE, around=NOW).lines] == ["n0", "n1", "n2"]
