"""What alerts are told of an upstream, and what the status, the page and Prometheus show."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.services.judging import judge_occurrences
from tests.ingest.relay.builders import make_copy
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.dashboard.health import health
from tradewatch.ingest.models import RelaySettings, RelayUpstream
from tradewatch.ingest.relay.choices import SHARED, UpstreamState
from tradewatch.ingest.relay.spool import append
from tradewatch.ingest.relay.watching import AGAIN, PATIENCE, RECENT, watch

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DSN = "https://verysecretkey@sentry.example/1"


@pytest.fixture(autouse=True)
def _configured(settings) -> None:
    settings.SENTRY_DSN = DSN
    make_project()


def stand(upstream: int = SHARED, **fields: Any) -> RelayUpstream:
    return RelayUpstream.objects.update_or_create(pk=upstream, defaults=fields)[0]


def spool(count: int, *, age: float, upstream: int = SHARED) -> None:
    with transaction.atomic():
        copies = [make_copy(upstream, at=time.time() - age, size=500) for _ in range(count)]
        append(copies, limit_bytes=1 << 30, now=NOW)


def looked(now: Any = None) -> list[tuple[str, str]]:
    """Watch once and judge; return title and state of each alert."""
    watch(now or timezone.now())
    judge_occurrences(timezone.now())
    return list(Alert.objects.order_by("pk").values_list("title", "state"))


def test_away_for_five_minutes_is_told_once_and_its_end_too() -> None:
    stand(state=UpstreamState.DOWN, since=NOW - PATIENCE + timedelta(seconds=30), detail="ConnectError: refused")
    spool(3, age=300)
    assert looked(NOW) == []
    later = NOW + timedelta(minutes=1)
    assert looked(later) == [("Upstream Sentry is away", AlertState.FIRING)]
    [alert] = Alert.objects.all()
    assert "ConnectError: refused" in alert.message and "3 envelopes wait" in alert.message
    assert (alert.link, alert.category) == ("/system#relay", "system")
    looked(later + timedelta(seconds=15))
    assert Alert.objects.get().count == 1, "once, not each time it is looked at"
    looked(later + AGAIN)
    assert Alert.objects.get().count == 2
    stand(state=UpstreamState.UP, since=later)
    assert looked(later + AGAIN)[0][1] == AlertState.FIRING, "what waited is not sent yet"
    RelayUpstream.objects.update(entries=0, size=0)
    assert looked(later + AGAIN)[0][1] == AlertState.RESOLVED


def test_a_spool_that_lets_go_is_told_as_an_error() -> None:
    stand(state=UpstreamState.UP, dropped={"transaction": 7}, dropped_at=NOW)
    assert looked(NOW) == [("Upstream Sentry: the relay's spool is full", AlertState.FIRING)]
    assert Alert.objects.get().severity == "error" and "7 envelopes were let go" in Alert.objects.get().message
    assert looked(NOW + RECENT)[0][1] == AlertState.RESOLVED


def test_an_upstream_that_refuses_is_told_with_its_words() -> None:
    stand(state=UpstreamState.UP, refused={"error": 4}, refused_at=NOW, detail="403: unknown key")
    assert looked(NOW) == [("Upstream Sentry refuses events", AlertState.FIRING)]
    assert "403: unknown key" in Alert.objects.get().message


def test_of_a_projects_own_upstream_its_own_people_are_told() -> None:
    desk = make_project("desk")
    RelaySettings.objects.create(project=desk, dsn=DSN)
    stand(desk.pk, state=UpstreamState.DOWN, since=NOW - PATIENCE)
    looked(NOW)
    assert Alert.objects.get().project == desk


def test_a_look_trims_a_spool_whose_limit_was_lowered(settings) -> None:
    spool(10, age=10)
    settings.RELAY_SPOOL_BYTES = 2_000
    watch(timezone.now())
    assert RelayUpstream.objects.get().size == 2_000


# --- what is shown -----------------------------------------------------------------------------------------
def status(client: Client) -> dict[str, Any]:
    answer = client.get("/error-tracking/status", headers=bearer("errors:read"))
    assert "verysecretkey" not in answer.content.decode()
    found: dict[str, Any] = answer.json()["upstream"]
    return found


def test_the_status_follows_the_spool(client: Client) -> None:
    assert status(client)["state"] == "idle"
    stand(state=UpstreamState.DOWN, since=NOW, detail="503", sent={"error": 5}, refused={"error": 1})
    spool(4, age=100)
    shown = status(client)
    assert (shown["state"], shown["spooled"], shown["spooled_bytes"], shown["detail"]) == ("down", 4, 2_000, "503")
    assert 100 <= shown["oldest_seconds"] < 130
    assert (shown["sent"], shown["refused"], shown["dropped"]) == ({"error": 5}, {"error": 1}, {})
    RelayUpstream.objects.update(limits={"session": time.time() + 60, "error": time.time() - 60})
    assert list(status(client)["limited_until"]) == ["session"]


def test_the_page_shows_each_upstream_to_administrators_alone(client: Client, settings) -> None:
    client.force_login(make_user("ada", is_superuser=True))
    settings.SENTRY_DSN = ""
    assert "Nothing is relayed" in client.get("/system").content.decode()
    settings.SENTRY_DSN = DSN
    desk = make_project("desk")
    RelaySettings.objects.create(project=desk, dsn="https://another@own.example/7")
    stand(state=UpstreamState.DOWN, since=NOW, detail='<b>"502"</b>', dropped={"error": 2, "session": 3})
    stand(desk.pk, state=UpstreamState.UP, since=NOW, sent={"error": 1_234})
    spool(4, age=100)
    page = client.get("/system").content.decode()
    for text in ("sentry.example:443", "own.example:443", "5 (error: 2, session: 3)", "1,234", "4, 2.0 kB", "502"):
        assert text in page, text
    assert "verysecretkey" not in page and "another" not in page and '<b>"502"' not in page


def test_prometheus_tells_of_a_projects_upstream_only_who_may_see_it(client: Client) -> None:
    desk = make_project("desk")
    RelaySettings.objects.create(project=desk, dsn=DSN)
    stand(state=UpstreamState.DOWN, since=NOW, dropped={"error": 2})
    stand(desk.pk, state=UpstreamState.UP, sent={"error": 7})
    spool(4, age=100)
    text = client.get("/performance/prometheus", headers=bearer("performance:read")).content.decode()
    for line in (
        'tradewatch_relay_up{upstream="SENTRY_DSN"} 0.0',
        'tradewatch_relay_spooled_bytes{upstream="SENTRY_DSN"} 2000.0',
        'tradewatch_relay_dropped_total{category="error",upstream="SENTRY_DSN"} 2.0',
        'tradewatch_relay_up{upstream="desk"} 1.0',
        'tradewatch_relay_sent_total{category="error",upstream="desk"} 7.0',
    ):
        assert line in text, line
    other = bearer("performance:read", projects=(make_project("other"),))
    assert 'upstream="desk"' not in client.get("/performance/prometheus", headers=other).content.decode()


def test_the_dashboards_health_has_a_line_of_it(settings) -> None:
    stand(state=UpstreamState.DOWN, since=NOW)
    spool(1, age=100)
    [line] = [each for each in health(timezone.now()) if each.name == "Upstream Sentry"]
    assert line.state == "critical" and line.text.startswith("down, 1 envelope waiting, the oldest 1")
    settings.SENTRY_DSN = ""
    assert not [each for each in health(timezone.now()) if each.name == "Upstream Sentry"]
