from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import zstandard

from tests.inbox.builders import make_arrival
from tests.projects.builders import make_project
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.models import KeptItem
from tradewatch.metrics import queries
from tradewatch.metrics.models import Counter
from tradewatch.performance.sessions import SessionHandler, SessionsHandler
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db

STARTED = datetime(2026, 11, 23, 11, 58, 10, tzinfo=UTC)
START = int(STARTED.timestamp()) // 3600 * 3600
ATTRS = {"release": "web@2.0.1", "environment": "production"}
SERIES = ("sessions", "sessions.errored", "sessions.crashed")


@pytest.fixture
def project() -> Project:
    return make_project()


def counted(project: Project, environment: str | None = None) -> tuple[int, ...]:
    """(all, errored, crashed)"""
    return tuple(queries.total([project.pk], name, START, START + 3600, environment).count for name in SERIES)


def update(sid: str | None = "s-1", status: Any = "ok", **fields: Any) -> Item:
    document = {"sid": sid, "status": status, "started": STARTED.isoformat(), "attrs": ATTRS, **fields}
    return Item("session", {}, orjson.dumps(document))


def aggregates(*minutes: Any, **fields: Any) -> Item:
    return Item("sessions", {}, orjson.dumps({"aggregates": list(minutes), "attrs": ATTRS, **fields}))


def digest(project: Project, *items: Item, drift: timedelta = timedelta(), **headers: object) -> None:
    arrival = make_arrival(project, drift=drift, **headers)
    for handler, kind in ((SessionHandler(), "session"), (SessionsHandler(), "sessions")):
        drafts: list[Any] = [handler.prepare(item, arrival) for item in items if item.type == kind]
        if drafts:
            handler.store(drafts, now=STARTED)


def minute(**outcomes: Any) -> dict[str, Any]:
    return {"started": STARTED.isoformat(), **outcomes}


@pytest.mark.parametrize(
    ("updates", "expected"),
    [
        ([update(init=True), update(status="exited", duration=3)], (1, 0, 0)),
        ([update(init=True), update(errors=1), update(errors=2), update(status="exited", errors=2)], (1, 1, 0)),
        ([update(init=True, status="crashed", errors=1)], (1, 1, 1)),
        ([update(init=True), update(status="abnormal")], (1, 1, 0)),
        ([update(status="exited", errors=3)], (1, 1, 0)),  # its beginning was lost on the way
        ([update(status="crashed"), update(init=True)], (1, 1, 1)),  # the end overtook the beginning
        ([update("a"), update("b"), update("b", status="crashed")], (2, 1, 1)),
        ([update(None), update(None)], (2, 0, 0)),  # nothing tells them apart
        ([update(status=["odd"], errors="many", started="never")], (1, 0, 0)),
    ],
)
def test_each_session_counts_once_however_often_it_is_told(
    project: Project, updates: list[Item], expected: tuple[int, ...]
) -> None:
    for each in updates:  # a batch each
        digest(project, each)
    assert counted(project) == expected
    digest(project, *[each for each in updates if b'"sid":null' not in each.payload])  # all again, in one batch
    assert counted(project) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([minute(exited=90, errored=7, crashed=2, abnormal=1)], (100, 10, 2)),
        ([minute(exited=5), minute(exited=5, crashed=1)], (11, 1, 1)),
        ([minute(exited=-4, errored="x", crashed=True, abnormal=None), "odd", None], (0, 0, 0)),
        ([minute(exited=2**62)], (10_000_000, 0, 0)),
        ([], (0, 0, 0)),
    ],
)
def test_aggregates_are_added_up(project: Project, minutes: list[Any], expected: tuple[int, ...]) -> None:
    digest(project, aggregates(*minutes))
    assert counted(project) == expected


def test_two_equal_aggregates_without_an_id_are_two_and_with_one_are_one(project: Project) -> None:
    digest(project, aggregates(minute(exited=3)), aggregates(minute(exited=3)))
    assert counted(project) == (6, 0, 0)
    for _ in range(2):
        digest(project, aggregates(minute(exited=1)), event_id="a" * 32)
    assert counted(project) == (7, 0, 0)


def test_sessions_count_in_their_environment_and_in_the_minute_they_began(project: Project) -> None:
    digest(project, update(), aggregates(minute(exited=2), attrs={"environment": "staging"}))
    assert counted(project, "production") == (1, 0, 0)
    assert counted(project, "staging") == (2, 0, 0)
    starts = Counter.objects.filter(series="sessions", resolution=60).values_list("start", flat=True)
    assert set(starts) == {int(STARTED.timestamp()) // 60 * 60}


def test_a_wrong_clock_is_corrected(project: Project) -> None:
    wrong = (STARTED - timedelta(hours=2)).isoformat()
    digest(project, update(started=wrong), drift=timedelta(hours=2))
    assert counted(project) == (1, 0, 0)


def test_items_are_kept_for_the_releases_one_for_each_stage_of_a_session(project: Project) -> None:
    digest(project, update(init=True, did="user-7"), update(status="crashed", errors=1), aggregates(minute(exited=1)))
    kept = {item.meta.get("stage"): item for item in KeptItem.objects.all()}
    assert set(kept) == {"begun", "errored", "crashed", "ended", None}
    assert {item.release for item in kept.values()} == {"web@2.0.1"}
    assert [kept[stage].item_type for stage in ("begun", "ended", None)] == ["session", "session", "sessions"]
    document = orjson.loads(zstandard.decompress(bytes(kept["begun"].payload)))
    assert document["status"] == "ok"


@pytest.mark.parametrize("handler", [SessionHandler(), SessionsHandler()])
@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff"])
def test_what_is_no_object_is_unreadable(
    project: Project, handler: SessionHandler | SessionsHandler, payload: bytes
) -> None:
    with pytest.raises(Unreadable):
        handler.prepare(Item("session", {}, payload), make_arrival(project))
