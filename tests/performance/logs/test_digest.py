import json
from datetime import timedelta

import pytest

from tests.inbox.builders import make_arrival
from tests.performance.logs.builders import (
    NOW,
    OTHER_TRACE,
    SPAN,
    TRACE,
    container,
    digest,
    digest_lines,
    line,
)
from tests.projects.builders import make_project
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Unreadable
from tradewatch.metrics import queries
from tradewatch.performance.logs.digest import LogHandler
from tradewatch.performance.logs.lines import Line, microseconds
from tradewatch.performance.logs.stored import Stretch, blocks_within
from tradewatch.performance.logs.traces import logs_of_trace
from tradewatch.performance.models import LogBlock
from tradewatch.projects.models import Environment, Project

pytestmark = pytest.mark.django_db

FAR = timedelta(days=40)
MINUTE = int(NOW.timestamp()) // 3600 * 3600


@pytest.fixture
def project() -> Project:
    return make_project()


def stored(project: Project) -> list[Line]:
    """Return all lines of the project, in order of time."""
    stretch = Stretch([project.pk], microseconds(NOW - FAR), microseconds(NOW + FAR))
    lines = [placed.block.line(at) for placed in blocks_within(stretch) for at in range(placed.block.line_count)]
    return sorted(lines, key=lambda each: each.at_us)


def counted(project: Project, series: str, environment: str | None = None) -> int:
    start = int((NOW - FAR).timestamp())
    return queries.total([project.pk], series, start, int((NOW + FAR).timestamp()), environment).count


def test_a_line_is_kept_as_it_was_sent(project: Project) -> None:
    sent = {"symbol": "ACME", "quantity": 12, "price": 1.5, "is_short": False, "venues": ["lmax", "xlon"]}
    digest_lines(project, line("order 17 filled", level="warn", attributes=sent))
    [found] = stored(project)
    assert (found.body, found.level, found.severity) == ("order 17 filled", "warn", 13)
    assert (found.trace_id, found.span_id) == (TRACE, SPAN)
    assert found.at == NOW - timedelta(seconds=10)
    assert {name: found.attributes[name] for name in sent} == sent
    assert [type(found.attributes[name]) for name in sent] == [str, int, float, bool, list]
    assert found.text("logger.name") == "app.orders"


def test_lines_count_by_level_and_environment(project: Project) -> None:
    staging = {"sentry.environment": "staging"}
    digest_lines(project, line(), line(level="error"), line(level="error", attributes=staging))
    assert counted(project, "logs") == 3
    assert [counted(project, f"logs:{level}") for level in ("info", "error", "warn")] == [1, 2, 0]
    assert (counted(project, "logs:error", "staging"), counted(project, "logs", "production")) == (1, 2)
    assert set(Environment.objects.filter(project=project).values_list("name", flat=True)) >= {"staging", "production"}
    assert {block.environment for block in LogBlock.objects.all()} == {"staging", "production"}


def test_bytes_count_as_they_were_sent(project: Project) -> None:
    sent = container(line(), line("another", attributes={"sentry.environment": "staging"}))
    digest(project, sent)
    assert len(sent.payload) - 2 <= counted(project, "logs.bytes") <= len(sent.payload)


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_container_that_comes_twice_counts_once(project: Project, is_one_batch: bool) -> None:
    sent = container(line(), line("another", ago=9))
    if is_one_batch:
        digest(project, sent, sent)
    else:
        digest(project, sent, sent_at="2026-11-23T11:59:25Z")
        digest(project, sent, sent_at="2026-11-23T11:59:28Z")  # an SDK that was offline writes this anew
    assert len(stored(project)) == counted(project, "logs") == 2


def test_the_same_lines_in_another_project_are_others(project: Project) -> None:
    other = make_project(slug="other")
    sent = container(line())
    digest(project, sent)
    digest(other, sent)
    assert (len(stored(project)), len(stored(other))) == (1, 1)


def test_without_moments_the_same_bytes_are_no_repetition(project: Project) -> None:
    sent = container(line(timestamp=...))
    digest(project, sent)
    digest(project, sent)
    assert counted(project, "logs") == 2
    digest(project, sent, event_id="a" * 32)
    digest(project, sent, event_id="a" * 32)
    assert counted(project, "logs") == 3


def test_a_clock_that_is_off_is_corrected(project: Project) -> None:
    digest_lines(project, line(ago=7200 + 10), drift=timedelta(hours=2))
    assert stored(project)[0].at == NOW - timedelta(seconds=10)


@pytest.mark.parametrize(("ago", "days"), [(-600, 0), (3600 * 24 * 365, 30)])
def test_moments_are_clamped_to_the_retention(project: Project, ago: float, days: int) -> None:
    digest_lines(project, line(ago=ago))
    assert stored(project)[0].at == NOW - timedelta(days=days)


ODD_FIELDS = {
    "timestamp": [None, "yesterday", [], {}, 1e300],
    "level": [None, 7, ["error"], "shout", ""],
    "body": [None, [], {"a": 1}],
    "trace_id": [None, "short", "z" * 32, 5, "0" * 32],
    "span_id": [None, "f" * 15, [], 5],
    "attributes": [None, [], "x", {"": {"value": 1}}, {"a": {}}, {"a": {"value": {"b": 1}, "type": "string"}}],
    "severity_number": ["17", -1, 99, None],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in ODD_FIELDS for value in ODD_FIELDS[field]])
def test_an_odd_field_costs_that_field_and_nothing_else(project: Project, field: str, value: object) -> None:
    digest_lines(project, {**line("kept", level="error"), field: value}, line("after", ago=5))
    [odd] = [each for each in stored(project) if each.body != "after"]
    [after] = [each for each in stored(project) if each.body == "after"]
    assert after.body == "after" and after.attributes["logger.name"] == "app.orders"
    kept = {
        "timestamp": odd.at == NOW - timedelta(seconds=10),
        "level": odd.level == "error",
        "body": odd.body == "kept",
        "trace_id": odd.trace_id == TRACE,
        "span_id": odd.span_id == SPAN,
        "attributes": odd.attributes.get("logger.name") == "app.orders",
        "severity_number": True,
    }
    assert {name for name, is_kept in kept.items() if not is_kept} == {field} - {"severity_number"}


def test_what_is_no_line_is_left_out(project: Project) -> None:
    digest_lines(project, None, 5, "text", [], line("kept"))
    assert [each.body for each in stored(project)] == ["kept"]


@pytest.mark.parametrize("items", [None, {}, "x", [], [None]])
def test_a_container_without_lines_is_nothing(project: Project, items: object) -> None:
    item = Item("log", {}, json.dumps({"version": 2, "items": items}).encode())
    assert LogHandler().prepare(item, make_arrival(project)) is None


@pytest.mark.parametrize("payload", [b"", b"[]", b"no json"])
def test_what_is_no_container_is_unreadable(project: Project, payload: bytes) -> None:
    with pytest.raises(Unreadable):
        LogHandler().prepare(Item("log", {}, payload), make_arrival(project))


def test_hostile_text_is_stored(project: Project) -> None:
    digest(
        project,
        Item(
            "log",
            {},
            b'{"items":[{"body":"a\\u0000b\\ud800c \xf0\x9f\x98\x80","attributes":{"n\\u0000":{"value":"\\u0000x"}}}]}',
        ),
    )
    [found] = stored(project)
    assert (found.body, dict(found.attributes)) == ("ab?c \U0001f600", {"n": "x"})


def test_a_container_over_several_hours_becomes_a_block_an_hour(project: Project) -> None:
    digest_lines(project, *(line(f"n{hour}", ago=3600 * hour + 10) for hour in (5, 0, 2)))
    assert [each.body for each in stored(project)] == ["n5", "n2", "n0"]
    assert LogBlock.objects.count() == 3
    for block in LogBlock.objects.all():
        assert block.first_us // 3_600_000_000 == block.last_us // 3_600_000_000 == block.hour


class TestLogsOfTrace:
    def test_in_order_of_time_across_projects(self, project: Project) -> None:
        other = make_project(slug="other")
        digest_lines(project, line("second", ago=8), line("elsewhere", trace_id=OTHER_TRACE))
        digest_lines(other, line("first", ago=9), line("third", ago=7))
        found = logs_of_trace([project.pk, other.pk], TRACE.upper(), around=NOW)
        assert [each.line.body for each in found.lines] == ["first", "second", "third"]
        assert [each.project_id for each in found.lines] == [other.pk, project.pk, other.pk]
        assert not found.has_more
        assert [each.line.body for each in logs_of_trace([project.pk], TRACE, around=NOW).lines] == ["second"]

    def test_the_nearest_stay_where_there_are_too_many(self, project: Project) -> None:
        digest_lines(project, *(line(f"n{ago}", ago=ago) for ago in range(10, 20)))
        found = logs_of_trace([project.pk], TRACE, around=NOW - timedelta(seconds=15), limit=3)
        assert [each.line.body for each in found.lines] == ["n16", "n15", "n14"] and found.has_more

    @pytest.mark.parametrize("trace_id", ["", "x", "0" * 32, TRACE[1:], OTHER_TRACE])
    def test_an_unknown_trace_has_no_lines(self, project: Project, trace_id: str) -> None:
        digest_lines(project, line())
        assert logs_of_trace([project.pk], trace_id, around=NOW).lines == ()

    def test_bytes_of_two_neighbours_are_no_trace(self, project: Project) -> None:
        digest_lines(project, line(trace_id="a" * 31 + "1"), line(trace_id="2" + "b" * 31))
        assert logs_of_trace([project.pk], "a" * 31 + "1", around=NOW).lines != ()
        across = ("a" * 31 + "1" + "2" + "b" * 31)[16:48]
        assert logs_of_trace([project.pk], across, around=NOW).lines == ()

    def test_the_margin_bounds_it(self, project: Project) -> None:
        digest_lines(project, line("far", ago=7200), line("near", ago=60))
        assert [each.line.body for each in logs_of_trace([project.pk], TRACE, around=NOW).lines] == ["near"]
        whole = logs_of_trace([project.pk], TRACE, around=NOW - timedelta(hours=2), until=NOW)
        assert [each.line.body for each in whole.lines] == ["far", "near"]
