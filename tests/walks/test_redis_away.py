"""Redis goes away under load and comes back: events are taken all the while, and digested without anybody's help."""

import contextlib
import time

import pytest

from tests.backends import free_port, running_redis, wait_until
from tests.servers import ROOT, running_server
from tests.walks.facts import counts
from tests.walks.senders import Sender

pytestmark = pytest.mark.server


def test_what_is_accepted_without_redis_is_digested_when_it_is_back() -> None:
    port = free_port()
    with contextlib.ExitStack() as serving:
        with running_redis(port) as url:
            server = serving.enter_context(running_server(REDIS_URL=url))
        sender = Sender([server.dsn.replace(f":{server.ports[0]}/", f":{taking}/") for taking in server.ports])
        sender.pause_seconds = 0.05
        sender.start()
        time.sleep(2)
        taken_without_redis = len(sender.acked)
        with running_redis(port):
            time.sleep(1)
            sender.stop()
            assert taken_without_redis > 10
            assert (sender.refused, sender.broken) == ([], 0)
            wait_until(lambda: set(counts(server)["ids"]) >= set(sender.acked), what="the digest", seconds=40)  # type: ignore[call-overload]
        # Celery's own consumer may write a stack of its own while it waits; none may come from our code.
        assert f'File "{ROOT}/tradewatch' not in server.log("web0" if "web0" in server.processes else "serve")
