"""Against a real upstream that refuses, delays, limits and dies: nothing is lost, in order, and the fresh ones too."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.ingest.relay.builders import digest, event, make_copy, relay
from tests.ingest.relay.upstream import Reply, Upstream
from tests.projects.builders import make_project
from tradewatch.inbox.envelope import Envelope
from tradewatch.ingest.models import RelayEntry, RelaySettings, RelayUpstream
from tradewatch.ingest.relay.circuit import LOOKED_AGAIN
from tradewatch.ingest.relay.queue import FRESH_SECONDS, MOST_ATTEMPTS, WINDOW
from tradewatch.ingest.relay.sender import due_upstreams, send_due
from tradewatch.ingest.relay.spool import append
from tradewatch.ingest.relay.standing import own_stands, shared_stand
from tradewatch.projects.models import ProjectKey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shared(settings, upstream: Upstream) -> None:
    settings.SENTRY_DSN = upstream.dsn


def spool(count: int, *, age: float = 600.0, category: str = "error", upstream: int = 0) -> list[str]:
    """Put entries into the spool that were accepted `age` seconds ago, one a millisecond; return their ids."""
    copies = [
        make_copy(upstream, category=category, at=time.time() - age + number / 1000, event_id=f"{number:08x}" * 4)
        for number in range(count)
    ]
    with transaction.atomic():
        append(copies, limit_bytes=1 << 30, now=timezone.now())
    return [f"{number:08x}" * 4 for number in range(count)]


def spool_now(event_id: str, **fields: Any) -> None:
    """Put one into the spool that was accepted just now."""
    with transaction.atomic():
        append([make_copy(at=time.time(), event_id=event_id, **fields)], limit_bytes=1 << 30, now=timezone.now())


def row(upstream: int = 0) -> RelayUpstream:
    return RelayUpstream.objects.get(pk=upstream)


def again() -> int:
    """Let the next try be now."""
    RelayUpstream.objects.update(next_at=None)
    return relay()


def test_all_arrive_once_and_none_overtakes_more_than_its_window(upstream: Upstream) -> None:
    ids = spool(100)
    relay()
    assert sorted(upstream.ids) == ids
    assert max(abs(at - ids.index(found)) for at, found in enumerate(upstream.ids)) < WINDOW
    assert (row().entries, row().size, row().sent) == (0, 0, {"error": 100})


def test_an_outage_loses_nothing_and_is_caught_up_in_order(upstream: Upstream) -> None:
    upstream.stop()
    ids = spool(60)
    for _ in range(4):
        again()
    down = row()
    assert (down.state, down.failures, down.entries) == ("down", 4, 60)
    assert down.since is not None and down.next_at is not None and down.next_at > down.since
    assert "ConnectError" in down.detail
    assert relay() == 0, "nothing is tried before the pause is over"
    upstream.start()
    again()
    assert sorted(upstream.ids) == ids and len(upstream.ids) == 60
    assert max(abs(at - ids.index(found)) for at, found in enumerate(upstream.ids)) <= WINDOW
    assert row().state == "up"


def test_fresh_ones_arrive_while_the_backlog_is_caught_up(upstream: Upstream) -> None:
    spool(200, age=3_600)
    spool_fresh = [make_copy(at=time.time(), event_id=f"f{number:07x}" * 4) for number in range(20)]
    with transaction.atomic():
        append(spool_fresh, limit_bytes=1 << 30, now=timezone.now())
    relay()
    places = [at for at, found in enumerate(upstream.ids) if found.startswith("f")]
    assert len(upstream.ids) == 220 and len(places) == 20
    assert max(places) < 60, "half of each window is theirs"
    old = [found for found in upstream.ids if not found.startswith("f")]
    assert max(abs(at - int(found[:8], 16)) for at, found in enumerate(old)) < WINDOW
    assert FRESH_SECONDS < 3_600


def test_a_429_is_waited_for_and_nothing_of_it_is_lost(upstream: Upstream) -> None:
    upstream.answer = lambda envelope: Reply(429, {"Retry-After": "2", "X-Sentry-Rate-Limits": "2:error:key"})
    ids = spool(20)
    relay()
    waiting = row()
    assert (waiting.state, waiting.entries, len(upstream.received)) == ("waiting", 20, WINDOW)
    assert waiting.next_at is not None and timedelta() < waiting.next_at - timezone.now() <= timedelta(seconds=2)
    upstream.answer = lambda envelope: Reply()
    assert relay() == 0, "the limit is kept to"
    time.sleep(2.1)
    relay()
    assert sorted(upstream.ids) == ids


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "0"}, {"X-Sentry-Rate-Limits": "3600:transaction:organization:quota"}]
)
def test_a_429_that_says_nothing_of_use_is_not_sent_again_at_once(
    upstream: Upstream, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewatch.ingest.relay.circuit.FIRST_PAUSE_SECONDS", 60.0)
    stop = threading.Event()

    def answer(envelope: Envelope) -> Reply:
        if len(upstream.received) > 5 * WINDOW:
            stop.set()  # else this would go on for ever
        return Reply(429, headers)

    upstream.answer = answer
    ids = spool(3)
    send_due(0, stop=stop)
    assert len(upstream.received) == 3 and not stop.is_set()
    assert (row().state, row().entries, row().failures) == ("waiting", 3, 1)
    spool_now("f" * 32, category="session")
    upstream.answer = lambda envelope: Reply(429 if "event" in [item.type for item in envelope.items] else 200, headers)
    RelayUpstream.objects.update(next_at=None, limits={"error": time.time() + 60})
    relay()
    assert upstream.ids == ["f" * 32], "others go on"
    upstream.answer = lambda envelope: Reply()
    RelayUpstream.objects.update(next_at=None, limits={})
    relay()
    assert sorted(upstream.ids) == [*ids, "f" * 32]


def test_a_limit_of_one_category_does_not_hold_up_the_others(upstream: Upstream) -> None:
    upstream.answer = lambda envelope: Reply(200, {"X-Sentry-Rate-Limits": "60:error;transaction:organization:quota"})
    spool(1)
    relay()
    spool(30)
    spool(5, category="session", age=60)
    relay()
    assert [each.types for each in upstream.taken] == [["event"], *[["session"]] * 5]
    assert (row().state, row().entries) == ("waiting", 30)


def test_what_comes_while_all_that_waits_is_limited_goes_at_the_next_look(upstream: Upstream) -> None:
    upstream.answer = lambda envelope: Reply(200, {"X-Sentry-Rate-Limits": "3600:session:organization:quota"})
    spool(1, category="session")
    relay()
    spool(2, category="session")
    relay()
    waiting = row()
    assert (waiting.state, waiting.entries, len(upstream.taken)) == ("waiting", 2, 1)
    until, told = waiting.limits["session"], shared_stand(timezone.now()).next_at
    assert told is not None and told.timestamp() == pytest.approx(until), "of what is limited the end is told"
    upstream.answer = lambda envelope: Reply()
    ids = spool(3, age=0)
    later = timezone.now() + LOOKED_AGAIN
    assert due_upstreams(later) == [0]
    RelayUpstream.objects.filter(next_at__lte=later).update(next_at=None)
    relay()
    assert sorted(upstream.ids[1:]) == ids
    assert (row().state, row().entries, row().limits) == ("waiting", 2, {"session": until})


def test_what_is_refused_for_good_is_counted_with_the_upstreams_words(upstream: Upstream) -> None:
    def answer(envelope: Envelope) -> Reply:
        is_large = str(envelope.headers["event_id"]).startswith("00000003")
        return Reply(413, body=b'{"detail":"envelope exceeded size limits"}') if is_large else Reply()

    upstream.answer = answer
    spool(6)
    relay()
    assert (row().sent, row().refused, row().entries) == ({"error": 5}, {"error": 1}, 0)
    assert row().detail == "413: envelope exceeded size limits"
    upstream.answer = lambda envelope: Reply(403, {"X-Sentry-Error": "unknown key"})
    spool(2)
    relay()
    assert (row().refused, row().detail) == ({"error": 3}, "403: unknown key")


def test_one_that_breaks_the_upstream_does_not_hold_up_the_rest(upstream: Upstream) -> None:
    poison = f"{0:08x}" * 4
    upstream.answer = lambda envelope: Reply(500 if envelope.headers["event_id"] == poison else 200)
    ids = spool(30)
    for _ in range(8):
        again()
    assert sorted(upstream.ids) == ids[1:]
    assert (row().sent, row().refused, row().entries) == ({"error": 29}, {"error": 1}, 0)


def test_with_little_traffic_one_that_breaks_the_upstream_is_given_up_too(upstream: Upstream) -> None:
    [poison] = spool(1)
    upstream.answer = lambda envelope: Reply(500 if envelope.headers["event_id"] == poison else 200)
    for number in range(MOST_ATTEMPTS):
        again()
        assert (row().state, row().entries) == ("down", 1), "alone it is not told from an outage"
        spool_now(f"{number + 1:x}" * 32)
        again()
        assert len(upstream.taken) == number + 1
    assert (row().sent, row().refused, row().entries) == ({"error": MOST_ATTEMPTS}, {"error": 1}, 0)


def test_two_that_break_the_upstream_are_both_given_up(upstream: Upstream) -> None:
    poison = spool(2)
    upstream.answer = lambda envelope: Reply(500 if envelope.headers["event_id"] in poison else 200)
    for number in range(3 * MOST_ATTEMPTS):
        for _ in range(4):
            again()
        spool_now(f"{number + 1:x}" * 32)
    for _ in range(4):
        again()
    assert (row().sent, row().refused, row().entries) == ({"error": 3 * MOST_ATTEMPTS}, {"error": 2}, 0)


@pytest.mark.parametrize("status", [429, 404])
def test_what_a_proxy_says_to_others_gives_nothing_up(upstream: Upstream, status: int) -> None:
    [kept] = spool(1)
    upstream.answer = lambda envelope: Reply(502 if envelope.headers["event_id"] == kept else status)
    for number in range(2 * MOST_ATTEMPTS):
        spool_now(f"{number + 1:x}" * 32)
        RelayUpstream.objects.update(failures=0, limits={})
        again()
    upstream.answer = lambda envelope: Reply()
    RelayUpstream.objects.update(failures=0, limits={})
    again()
    assert kept in upstream.ids and row().entries == 0


def test_after_an_outage_one_that_cannot_be_swallowed_is_not_all_that_is_tried(upstream: Upstream) -> None:
    upstream.stop()
    ids = spool(10)
    again()
    upstream.answer = lambda envelope: Reply(500 if envelope.headers["event_id"] == ids[0] else 200)
    upstream.start()
    for _ in range(8):
        again()
    assert sorted(upstream.ids) == ids[1:]


def test_an_hours_outage_by_500_gives_nothing_up(upstream: Upstream) -> None:
    upstream.answer = lambda envelope: Reply(500)
    ids = spool(3)
    for _ in range(25):
        again()
    assert (row().entries, row().refused, row().state) == (3, {}, "down")
    upstream.answer = lambda envelope: Reply()
    again()
    assert sorted(upstream.ids) == ids


def test_an_upstream_that_hangs_is_given_up_and_tried_again(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewatch.ingest.relay.sending.TOTAL_SECONDS", 0.3)
    upstream.delay_seconds = 1.0
    spool(3)
    relay()
    assert (row().state, row().entries) == ("down", 3)
    assert "Timeout" in row().detail


def test_two_senders_send_nothing_twice(upstream: Upstream) -> None:
    spool(3)
    RelayUpstream.objects.update(lease="another", leased_until=timezone.now() + timedelta(seconds=30))
    assert relay() == 0 and upstream.received == []
    RelayUpstream.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert relay() == 1 and len(upstream.ids) == 3


def test_ourselves_is_no_upstream(upstream: Upstream, settings) -> None:
    project = make_project()
    ProjectKey.objects.create(project=project, public_key="f" * 32)
    spool(3)
    relay()
    assert (row().state, row().entries, upstream.received) == ("refused", 3, [])
    assert "itself" in row().detail


def test_a_projects_upstream_must_be_public(upstream: Upstream) -> None:
    project = make_project()
    choice = RelaySettings.objects.create(project=project, dsn=upstream.dsn)
    spool(3, upstream=project.pk)
    relay(project.pk)
    assert upstream.received == [] and row(project.pk).state == "down"
    assert "not a public address" in row(project.pk).detail
    choice.allows_internal = True
    choice.save()
    RelayUpstream.objects.update(next_at=None)
    relay(project.pk)
    assert len(upstream.ids) == 3


def test_an_upstream_that_cannot_be_read_gets_nothing_loses_nothing_and_gives_nothing_to_another(
    upstream: Upstream, settings
) -> None:
    project, key = make_project(), settings.SECRET_KEY
    RelaySettings.objects.create(project=project, dsn=upstream.dsn, allows_internal=True)
    spool(3, upstream=project.pk)
    settings.SECRET_KEY = "of another installation"
    digest(project, [("event", event())])
    relay(project.pk)
    relay()
    assert upstream.received == [] and not RelayEntry.objects.exclude(upstream=project.pk).exists()
    sealed = row(project.pk)
    assert (sealed.state, sealed.entries, sealed.dropped) == ("refused", 4, {})
    assert "stored under another TRADEWATCH_SECRET_KEY" in sealed.detail
    [stand] = own_stands([project.pk], timezone.now())
    assert (stand.is_configured, stand.state, stand.spooled) == (True, "refused", 4)
    settings.SECRET_KEY_FALLBACKS = [key]
    RelayUpstream.objects.update(next_at=None)
    relay(project.pk)
    assert len(upstream.ids) == 4 and row(project.pk).state == "up"


def test_what_waits_for_an_upstream_that_is_gone_is_let_go_and_counted(upstream: Upstream) -> None:
    project = make_project()
    spool(3, upstream=project.pk)
    relay(project.pk)
    assert (row(project.pk).entries, row(project.pk).dropped) == (0, {"error": 3})
    assert not RelayEntry.objects.exists()
