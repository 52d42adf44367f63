"""A stock SDK sends to TradeWatch, and an upstream of the tests' own gets it, scrubbed, whatever dies."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import sentry_sdk

from tests.backends import wait_until
from tests.ingest.relay.upstream import Upstream, running_upstream
from tests.servers import Server, running_server
from tests.walks.senders import Sender
from tradewatch.ingest.relay.queue import WINDOW

pytestmark = pytest.mark.server
SECRET = "s3cr3t-of-the-desk"
TRY_NOW = "from tradewatch.ingest.models import RelayUpstream; RelayUpstream.objects.update(next_at=None)"


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with running_upstream() as started:
        yield started


@pytest.fixture(scope="module")
def relaying(upstream: Upstream) -> Iterator[Server]:
    """A server for all of these walks: each looks at what came since it began."""
    with running_server(
        SENTRY_DSN=upstream.dsn, SENTRY_TRACES_SAMPLE_RATE="1", SENTRY_PROFILES_SAMPLE_RATE="1"
    ) as server:
        yield server


@pytest.fixture(autouse=True)
def answering(upstream: Upstream, relaying: Server) -> Iterator[None]:
    """Each walk begins with an upstream that answers and with nothing on its way, whatever the one before left."""
    token = relaying.token("errors:read")
    relaying.drain()
    wait_until(lambda: status(relaying, token)["spooled"] == 0, what="an empty spool", seconds=180)
    yield
    upstream.delay_seconds = 0.0
    if not upstream.is_running:
        upstream.start()
        try_now(relaying)


def status(server: Server, token: str) -> Any:
    request = urllib.request.Request(
        f"{server.url}/error-tracking/status", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["upstream"]


def capture(dsn: str, count: int) -> set[str]:
    """Report so many exceptions, each with a secret among its variables and a transaction beside it; return all ids."""
    ids: set[str] = set()
    client = sentry_sdk.Client(dsn=dsn, traces_sample_rate=1.0, default_integrations=False, environment="walk")
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        for number in range(count):
            with sentry_sdk.start_transaction(name="POST /orders", op="http.server", scope=scope) as transaction:
                try:
                    password = SECRET
                    raise ValueError(f"order {number} of {len(password)} lots")
                except ValueError as error:
                    scope.set_extra("api_token", SECRET)
                    ids.add(str(scope.capture_exception(error)))
            ids.add(str(transaction.trace_id))
    client.close(timeout=10)
    return ids


def accepted(dsn: str, count: int) -> Sender:
    """Return who has sent at least so many errors, however long that takes here."""
    sender = Sender([dsn])
    sender.start(2)
    wait_until(lambda: len(sender.acked) >= count, what=f"{count} answers", seconds=120)
    sender.stop()
    return sender


def assert_all_arrives(upstream: Upstream, start: int, *senders: Sender, windows: int) -> None:
    """All that was answered 200 arrives, and what else does are requests that broke off before their answer. At most so
    many windows were under way when their sender died or was not answered in time, and come twice."""
    acked = {event_id for sender in senders for event_id in sender.acked}
    wait_until(lambda: set(upstream.ids[start:]) >= acked, what="all of it", seconds=240)
    ids = upstream.ids[start:]
    assert len(set(ids) - acked) <= sum(sender.broken for sender in senders)
    assert len(ids) - len(set(ids)) <= WINDOW * windows


def is_down_until(server: Server, token: str, seen: list[Any]) -> bool:
    """Say whether the upstream is down and the time of the next try is told: where it has come, it is not."""
    seen.append(status(server, token))
    return bool(seen[-1]["state"] == "down" and seen[-1]["next_try_at"])


def try_now(server: Server) -> None:
    """What the admin's *Try again now* does: else the next try is up to 75 s away."""
    server.manage("shell", "--no-imports", "-c", TRY_NOW)


def test_what_an_sdk_sends_arrives_scrubbed_under_its_ids(relaying: Server, upstream: Upstream) -> None:
    count, start = 20, len(upstream.taken)
    token = relaying.token("errors:read")
    before = status(relaying, token)["sent"]
    ids = capture(relaying.dsn, count)
    relaying.drain()
    wait_until(lambda: len(upstream.taken) >= start + 2 * count, what="all envelopes", seconds=120)
    taken = upstream.taken[start:]
    errors = [each for each in taken if "event" in each.types]
    transactions = [each for each in taken if "transaction" in each.types]
    assert {each.event_id for each in errors} < ids and len(errors) == count
    assert {each.document("transaction")["contexts"]["trace"]["trace_id"] for each in transactions} < ids
    assert len(transactions) == count
    for each in taken:
        text = b"".join(item.payload for item in each.envelope.items)
        assert SECRET.encode() not in text
        assert each.headers["x-sentry-auth"].count("sentry_key=") == 1
    frames = errors[0].document("event")["exception"]["values"][0]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "capture" and SECRET not in str(frames)
    wait_until(lambda: status(relaying, token)["spooled"] == 0, what="the note of the last", seconds=60)
    shown = status(relaying, token)
    assert (shown["state"], shown["dropped"]) == ("up", {})
    assert {kind: number - before.get(kind, 0) for kind, number in shown["sent"].items()} == {
        "error": count,
        "transaction": count,
    }


def test_an_outage_loses_nothing_and_is_caught_up_with_fresh_ones_in_between(
    relaying: Server, upstream: Upstream
) -> None:
    token, dsn, start = relaying.token("errors:read"), relaying.dsn, len(upstream.ids)
    seen: list[Any] = []
    upstream.stop()
    before = accepted(dsn, 150)
    relaying.drain()
    wait_until(lambda: is_down_until(relaying, token, seen), what="down", seconds=120)
    down = seen[-1]
    assert 0 <= down["spooled"] - len(before.acked) <= before.broken
    assert down["spooled_bytes"] > 0
    upstream.delay_seconds = 0.05
    upstream.start()
    try_now(relaying)
    wait_until(lambda: len(upstream.ids) > start, what="the first of the backlog", seconds=120)
    late = accepted(dsn, 20)  # a number, not a time: a slow machine is not given more to do
    upstream.delay_seconds = 0.0
    relaying.drain()
    assert_all_arrives(upstream, start, before, late, windows=1)
    assert status(relaying, token)["dropped"] == {}


def relay_process(server: Server) -> psutil.Process:
    """Return the process that sends: the embedded worker's own child, or a Celery worker."""
    if "serve" not in server.processes:
        return psutil.Process(server.processes["worker0"].pid)
    children = psutil.Process(server.worker_pid()).children()
    return next(child for child in children if "relay" in child.cmdline())


def kill_sender(server: Server) -> None:
    wait_until(lambda: relay_process(server), what="the sender", seconds=60)
    victim = relay_process(server)
    for each in [*victim.children(recursive=True), victim]:
        each.kill()
    if "serve" not in server.processes:
        server.processes["worker0"].wait(10)
        server.start("worker0", server.processes["worker0"].args)  # type: ignore[arg-type]


def kill_digester(server: Server) -> None:
    """Its sender ends with it. Grown, one worker does both, and has been killed for the one."""
    if "serve" in server.processes:
        os.kill(server.worker_pid(), signal.SIGKILL)


def test_kill_minus_nine_of_whoever_sends_or_digests_loses_nothing(relaying: Server, upstream: Upstream) -> None:
    start = len(upstream.ids)
    upstream.delay_seconds = 0.05
    sender = Sender([relaying.dsn], pause_seconds=0.03)
    sender.start(1)
    kills = (kill_sender, kill_digester)
    for kill in kills:
        sent = len(upstream.ids)
        wait_until(lambda sent=sent: len(upstream.ids) > sent + WINDOW, what="some under way", seconds=180)
        kill(relaying)
    sender.stop()
    upstream.delay_seconds = 0.0
    assert relaying.drain(timeout=110)["dead"] == 0
    assert_all_arrives(upstream, start, sender, windows=len(kills))
