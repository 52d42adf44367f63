"""A stock SDK sends to TradeWatch, and an upstream of the tests' own gets it, scrubbed, whatever dies."""

import json
import os
import signal
import time
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


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as started:
        yield started


@pytest.fixture
def relaying(upstream: Upstream) -> Iterator[Server]:
    with running_server(
        SENTRY_DSN=upstream.dsn, SENTRY_TRACES_SAMPLE_RATE="1", SENTRY_PROFILES_SAMPLE_RATE="1"
    ) as server:
        yield server


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


def sent_again(upstream: Upstream) -> int:
    return len(upstream.ids) - len(set(upstream.ids))


def test_what_an_sdk_sends_arrives_scrubbed_under_its_ids(relaying: Server, upstream: Upstream) -> None:
    count = 20
    ids = capture(relaying.dsn, count)
    relaying.drain()
    wait_until(lambda: len(upstream.taken) >= 2 * count, what="all envelopes", seconds=120)
    errors = [each for each in upstream.taken if "event" in each.types]
    transactions = [each for each in upstream.taken if "transaction" in each.types]
    assert {each.event_id for each in errors} < ids and len(errors) == count
    assert {each.document("transaction")["contexts"]["trace"]["trace_id"] for each in transactions} < ids
    assert len(transactions) == count
    for each in upstream.taken:
        text = b"".join(item.payload for item in each.envelope.items)
        assert SECRET.encode() not in text
        assert each.headers["x-sentry-auth"].count("sentry_key=") == 1
    frames = errors[0].document("event")["exception"]["values"][0]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "capture" and SECRET not in str(frames)
    shown = status(relaying, relaying.token("errors:read"))
    assert (shown["state"], shown["spooled"], shown["dropped"]) == ("up", 0, {})
    assert shown["sent"] == {"error": count, "transaction": count}


def test_an_outage_loses_nothing_and_is_caught_up_with_fresh_ones_in_between(
    relaying: Server, upstream: Upstream
) -> None:
    token, dsn = relaying.token("errors:read"), relaying.dsn
    upstream.stop()
    sender = Sender([dsn], pause_seconds=0.01)
    sender.start(2)
    time.sleep(4)
    sender.stop()
    relaying.drain()
    before = list(sender.acked)
    assert len(before) > 100
    wait_until(lambda: status(relaying, token)["state"] == "down", what="down", seconds=60)
    down = status(relaying, token)
    assert down["spooled"] == len(before) and down["spooled_bytes"] > 0 and down["next_try_at"]
    upstream.delay_seconds = 0.02
    upstream.start()
    late = Sender([dsn], pause_seconds=0.05)
    late.start(1)
    wait_until(lambda: len(upstream.ids) >= len(before), what="the backlog", seconds=240)
    late.stop()
    relaying.drain()
    everything = set(before) | set(late.acked)
    wait_until(lambda: set(upstream.ids) >= everything, what="all of it", seconds=120)
    assert set(upstream.ids) == everything
    assert sent_again(upstream) <= WINDOW, "of the window whose answers came too late"
    assert status(relaying, token)["dropped"] == {}


def relay_process(server: Server) -> psutil.Process:
    """Return the process that sends: the embedded worker's own child, or a Celery worker."""
    if "serve" not in server.processes:
        return psutil.Process(server.processes["worker0"].pid)
    children = psutil.Process(server.worker_pid()).children()
    return next(child for child in children if "relay" in child.cmdline())


def test_kill_minus_nine_of_whoever_sends_or_digests_loses_nothing(relaying: Server, upstream: Upstream) -> None:
    is_embedded = "serve" in relaying.processes
    upstream.delay_seconds = 0.03
    sender = Sender([relaying.dsn], pause_seconds=0.004)
    sender.start(2)
    wait_until(lambda: len(upstream.ids) > 20, what="the first ones", seconds=180)
    kills = 0
    for number in range(4 if is_embedded else 1):
        time.sleep(1.0)
        if is_embedded and number % 2:
            os.kill(relaying.worker_pid(), signal.SIGKILL)  # digests, and its sender ends with it
        else:
            wait_until(lambda: relay_process(relaying), what="the sender", seconds=30)
            victim = relay_process(relaying)
            for each in [*victim.children(recursive=True), victim]:
                each.kill()
        kills += 1
        if not is_embedded:
            relaying.processes["worker0"].wait(10)
            relaying.start("worker0", relaying.processes["worker0"].args)  # type: ignore[arg-type]
        wait_until(lambda: relay_process(relaying), what="a sender again", seconds=30)
    time.sleep(1.0)
    sender.stop()
    upstream.delay_seconds = 0.0
    assert relaying.drain(timeout=90)["dead"] == 0
    wait_until(lambda: set(upstream.ids) >= set(sender.acked), what="all of it", seconds=120)
    assert set(upstream.ids) == set(sender.acked)
    assert sent_again(upstream) <= WINDOW * kills, "only what was under way is sent again"
