"""kill -9 of the worker amid a matrix: what was under way is unknown and not sent again, the rest goes on."""

import os
import signal
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.backends import wait_until
from tests.debugging.batches.servers import running_target
from tests.debugging.builders import CAPTURE
from tests.servers import Server, running_embedded

pytestmark = [pytest.mark.server, pytest.mark.once]
VARIANTS, AT_ONCE = 30, 5
LIST_TARGET = """
from django.utils import timezone
from debugging.models import ReplayTarget
from tradewatch.projects.models import Project
ReplayTarget.objects.create(
    project=Project.objects.get(slug="default"), name="local", kind="local", base_url="http://127.0.0.1:{port}",
    allows_internal=True, allows_unsafe=True, most_at_once={at_once}, created_at=timezone.now(), created_by="test",
)
"""


def list_target(server: Server, port: int) -> None:
    server.manage("shell", "-c", LIST_TARGET.format(port=port, at_once=AT_ONCE))


def test_a_matrix_goes_on_and_sends_nothing_twice() -> None:
    with running_target(seconds=1.5) as target, running_embedded() as server:
        list_target(server, target.port)
        headers = {"Authorization": f"Bearer {server.token('debug:write')}"}
        http = httpx.Client(base_url=server.url, headers=headers, timeout=30)

        def call(method: str, path: str, body: Any = None) -> Any:
            return http.request(method, path, json=body).raise_for_status().json()

        error_id = call("POST", "/debug/capture", CAPTURE)["error_id"]
        session = f"/debug/session/{call('POST', f'/debug/session/{error_id}')['session_id']}"
        asked = {"target": "local", "axes": {"query number": list(range(VARIANTS))}, "at_once": AT_ONCE}
        batch = f"{session}/batches/{call('POST', f'{session}/matrix', asked)['batch_id']}"
        wait_until(lambda: len(target.asked) > AT_ONCE and target.under_way == AT_ONCE, what="some are under way")
        os.kill(server.worker_pid(), signal.SIGKILL)
        wait_until(lambda: target.under_way == 0, what="the connections to go", seconds=10)
        wait_until(lambda: call("GET", batch)["state"] == "done", what="the end", seconds=90)
        told, trail = call("GET", batch), call("GET", session)["audit"]
    assert target.most_at_once <= AT_ONCE
    states = Counter(line["state"] for line in told["table"])
    assert states["unknown"] + states["answered"] == VARIANTS and 1 <= states["unknown"] <= AT_ONCE
    assert set(Counter(each.path for each in target.asked).values()) == {1}, "none was sent twice"
    unsent = {f"/orders?number={number}" for number in range(VARIANTS)} - {each.path for each in target.asked}
    died = {line["title"] for line in told["table"] if line["state"] == "unknown"}
    assert {path.partition("?")[2] for path in unsent} <= died, "only what had been begun may be missing"
    assert all("may have arrived" in line["fault"] for line in told["table"] if line["state"] == "unknown")
    assert trail[0]["text"].startswith(f"Matrix of {VARIANTS} at local ended:") and "unknown" in trail[0]["text"]
