"""Sessions as clients send them, and what is said of their releases, compared with a count of our own."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.test import Client

from releases.health.figures import Health
from releases.health.queries import health_of, health_points
from tests.inbox.builders import make_arrival
from tests.projects.builders import bearer, make_project
from tradewatch.core.windows import Window
from tradewatch.inbox.envelope import Item
from tradewatch.metrics.models import SeriesSketch
from tradewatch.metrics.retention import delete_old
from tradewatch.performance.sessions import SessionHandler, SessionsHandler
from tradewatch.projects.models import Release, ReleaseSighting

pytestmark = pytest.mark.django_db
HOUR = datetime(2026, 11, 23, 11, tzinfo=UTC)
WINDOW = Window(HOUR, HOUR + timedelta(hours=1))
OLD, NEW = "web@2.0.0", "web@2.0.1"


def attrs(release: str | None, environment: str = "production") -> dict[str, Any]:
    return {"release": release, "environment": environment}


def update(sid: str, status: str = "ok", *, release: str | None = NEW, minute: int = 0, **fields: Any) -> Item:
    started = (HOUR + timedelta(minutes=minute)).isoformat()
    environment = fields.pop("environment", "production")
    document = {"sid": sid, "status": status, "started": started, "attrs": attrs(release, environment), **fields}
    return Item("session", {}, orjson.dumps(document))


def aggregates(release: str | None = NEW, *, minute: int = 0, **outcomes: Any) -> Item:
    started = (HOUR + timedelta(minutes=minute)).isoformat()
    document = {"aggregates": [{"started": started, **outcomes}], "attrs": attrs(release)}
    return Item("sessions", {}, orjson.dumps(document))


def digest(*items: Item, event_id: str = "") -> None:
    arrival = make_arrival(make_project(), **({"event_id": event_id} if event_id else {}))
    for handler, kind in ((SessionHandler(), "session"), (SessionsHandler(), "sessions")):
        drafts: list[Any] = [handler.prepare(item, arrival) for item in items if item.type == kind]
        if drafts:
            handler.store(drafts, now=HOUR)


def health(version: str = NEW, environment: str | None = None, window: Window = WINDOW) -> Health:
    release = Release.objects.get(version=version)
    return health_of(release.project_id, [release.pk], window, environment)[release.pk]


def test_a_release_has_its_own_sessions_and_its_share_of_all() -> None:
    digest(*[update(f"n{n}", did=f"user-{n % 4}") for n in range(6)])
    digest(update("n0", "crashed", did="user-0"), update("n1", "errored", did="user-1"))
    digest(*[update(f"o{n}", "exited", release=OLD, did=f"user-{n}") for n in range(3)], update("bare", release=None))
    assert health(NEW) == Health(6, 2, 1, 4, 1, 10, 4)
    assert health(OLD) == Health(3, 0, 0, 3, 0, 10, 4)
    assert health(NEW).adoption == 0.6
    assert health(NEW, "staging") == Health()
    assert health(NEW, window=WINDOW.previous) == Health()


def test_the_minute_that_runs_counts_too() -> None:
    digest(update("a", minute=7))
    running = Window(HOUR, HOUR + timedelta(minutes=7, seconds=1))
    assert health(window=running).sessions == 1
    assert health(window=Window(HOUR, HOUR + timedelta(minutes=7))).sessions == 0


def test_delivered_twice_in_any_order_it_counts_once() -> None:
    items = [update("a", did="u"), update("a", "crashed", did="u"), update("b", "exited", did="v")]
    counts = aggregates(NEW, exited=5, crashed=1, did="w")
    for batch in (items, items[::-1], [*items, *items]):
        digest(*batch, counts, event_id="e" * 32)
    assert health() == Health(8, 2, 2, 3, 2, 8, 3)
    assert Release.objects.count() == ReleaseSighting.objects.count() == 1


def test_a_user_told_later_in_a_session_is_met_all_the_same() -> None:
    digest(update("a"))
    digest(update("a", did="u"))
    assert health() == Health(1, 0, 0, 1, 0, 1, 1)


def test_minutes_of_an_aggregate_without_any_session_meet_nobody() -> None:
    digest(aggregates(NEW, exited=0, did="u"), aggregates(NEW, exited=1, did=7))
    assert health() == Health(1, 0, 0, 0, 0, 1, 0)


@pytest.mark.parametrize("release", ["../../etc/passwd", "a\u0000b", "x" * 10_240, "\ud800", "<script>"])
def test_hostile_versions_do_no_harm(release: str) -> None:
    document = {"sid": "s", "started": HOUR.isoformat(), "attrs": attrs(release)}
    digest(Item("session", {}, json.dumps(document).encode()))
    assert Release.objects.count() == 1
    stored = Release.objects.get().version
    assert len(stored) <= 250 and "\0" not in stored
    assert health(stored).sessions == 1


def random_traffic(seed: int) -> Iterator[dict[str, Any]]:
    roll = random.Random(seed)
    for number in range(300):
        status = roll.choices(["ok", "exited", "errored", "crashed"], [5, 80, 10, 5])[0]
        where = {"release": roll.choice([OLD, NEW]), "minute": roll.randrange(50), "did": f"u{roll.randrange(40)}"}
        yield {"sid": f"s{number}", "status": status, "environment": roll.choice(["production", "staging"]), **where}


def test_many_equal_an_independent_count() -> None:
    traffic = list(random_traffic(7))
    for at in range(0, len(traffic), 40):
        digest(*[update(**each) for each in traffic[at : at + 40]])
        digest(*[update(**each) for each in traffic[at : at + 20]])  # a part is delivered twice
    own = [each for each in traffic if each["release"] == NEW and each["environment"] == "production"]
    all_of_it = [each for each in traffic if each["environment"] == "production"]
    crashed = [each for each in own if each["status"] == "crashed"]
    expected = (len(own), sum(each["status"] in ("errored", "crashed") for each in own), len(crashed), len(all_of_it))
    found = health(NEW, "production")
    assert (found.sessions, found.errored, found.crashed, found.all_sessions) == expected
    assert found.users == pytest.approx(len({each["did"] for each in own}), abs=1)
    assert found.crashed_users == pytest.approx(len({each["did"] for each in crashed}), abs=1)
    minutes: defaultdict[int, int] = defaultdict(int)
    for each in own:
        minutes[int(HOUR.timestamp()) + 60 * each["minute"]] += 1
    release = Release.objects.get(version=NEW)
    points = health_points(release.project_id, release.pk, WINDOW, 60, "production")
    assert {start: sessions for start, sessions, _, _ in points} == dict(minutes)


def test_sketches_go_with_the_buckets_of_their_time(settings) -> None:
    digest(update("a", did="u"))
    assert SeriesSketch.objects.count() == 4  # of the project and the release, an hour and a day
    delete_old(HOUR + settings.METRIC_RETENTION + timedelta(hours=3))
    assert set(SeriesSketch.objects.values_list("resolution", flat=True)) == {86_400}
    delete_old(HOUR + settings.METRIC_DAY_RETENTION + timedelta(days=3))
    assert not SeriesSketch.objects.exists()


# --- the API -----------------------------------------------------------------------------------------------------
def read(client: Client, path: str, **query: Any) -> Any:
    window = {"start": HOUR.isoformat(), "end": (HOUR + timedelta(hours=1)).isoformat()}
    answer = client.get(path, {**window, **query}, headers=bearer("releases:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_api_lists_releases_with_their_health(client: Client) -> None:
    digest(update("o", release=OLD))
    digest(update("a", "crashed", did="u"), update("b"), update("c", environment="staging"), aggregates("9f3c2e1"))
    first = read(client, "/release/releases", limit=2)
    rest = read(client, "/release/releases", limit=2, cursor=first["next"])
    rows = {row["version"]: row for row in [*first["results"], *rest["results"]]}
    assert rest["next"] is None
    assert set(rows) == {OLD, NEW, "9f3c2e1"}
    new = rows[NEW]
    assert (new["package"], new["version_kind"], new["environments"]) == ("web", "semver", ["production", "staging"])
    assert new["health"] == {
        "sessions": 3, "errored": 1, "crashed": 1, "users": 1, "crashed_users": 1, "crash_free_sessions": 2 / 3,
        "crash_free_users": 0.0, "adoption": 0.75, "user_adoption": 1.0,
    }  # fmt: skip
    assert rows["9f3c2e1"]["health"]["crash_free_sessions"] is None
    (staging,) = read(client, "/release/releases", environment="staging")["results"]
    assert (staging["version"], staging["health"]["sessions"]) == (NEW, 1)
    assert [row["version"] for row in read(client, "/release/releases", version=OLD)["results"]] == [OLD]


def test_the_api_tells_one_release_minute_by_minute(client: Client) -> None:
    digest(update("a", minute=3), update("b", "crashed", minute=3), update("c", minute=7))
    found = read(client, "/release/health", version=NEW)
    assert found["step_seconds"] == 60
    assert found["series"] == [
        {"start": "2026-11-23T11:03:00Z", "sessions": 2, "errored": 1, "crashed": 1},
        {"start": "2026-11-23T11:07:00Z", "sessions": 1, "errored": 0, "crashed": 0},
    ]
    assert found["health"]["crash_free_sessions"] == pytest.approx(2 / 3)
    assert client.get("/release/health?version=nothing", headers=bearer("*")).status_code == 404
    assert client.get("/release/health", headers=bearer("*")).json()["errors"].keys() == {"version"}


def test_status_tells_the_health_of_the_last_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    digest(update("a"), update("b", "crashed"))
    monkeypatch.setattr("releases.deployments.api.timezone.now", lambda: HOUR + timedelta(hours=20))
    (row,) = client.get("/release/status", headers=bearer("releases:read")).json()["releases"]
    assert (row["health"]["sessions"], row["health"]["crash_free_sessions"], row["health"]["adoption"]) == (2, 0.5, 1.0)
