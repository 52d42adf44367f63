"""The agent: what it sends, and what it does while nobody takes it."""

import json
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.backends import wait_until
from tests.servers import ROOT, Server
from tradewatch.performance.hosts import agent
from tradewatch.performance.hosts.agent import Batch, Options, Outbox, Outcome, post_batch, run
from tradewatch.performance.hosts.collector import Sample
from tradewatch.performance.hosts.points import Point, labels

OPTIONS = Options("http://watch.example", "tw_secret", "api-01", interval_seconds=60)


def sample(at: float, cpu: float = 0.5) -> Sample:
    return Sample(at, (Point("cpu", cpu), Point("disk", 0.4, labels(mount="/"))))


class Told:
    """A server that answers as told, at a clock set by hand."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.now, self.got = list(outcomes), 1000.0, list[Batch]()

    def post(self, options: Options, batch: Batch, now: float) -> Outcome:
        self.got.append(batch)
        return self.outcomes.pop(0) if self.outcomes else Outcome(True)

    def outbox(self) -> Outbox:
        return Outbox(OPTIONS, self.post, clock=lambda: self.now)


def test_what_could_not_be_sent_goes_out_in_order_once_the_server_is_back() -> None:
    server = Told(Outcome(False, words="status 503"), Outcome(False, words="ConnectionRefusedError"))
    outbox = server.outbox()
    outbox.put(sample(1000.0))
    assert not outbox.send()
    server.now = 1001.5
    outbox.put(sample(1001.5))
    assert not outbox.send()
    server.now = 1002.0
    assert not outbox.send()  # the pause has doubled
    assert len(server.got) == 2
    server.now = 1060.0
    outbox.put(sample(1060.0))
    assert outbox.send()
    assert [each.at for batch in server.got[2:] for each in batch.samples] == [1000.0, 1001.5, 1060.0]
    assert len({batch.key for batch in server.got[:3]}) == 1  # tries of one batch, which the server may have taken
    assert len(outbox) == 0


def test_memory_is_bounded_and_the_newest_stay() -> None:
    server = Told(*[Outcome(False)] * 99)
    outbox = server.outbox()
    for number in range(3 * agent.WAITING_AT_MOST):
        outbox.put(sample(1000.0 + number))
    assert len(outbox) == agent.WAITING_AT_MOST
    server.outcomes, server.now = [], 1000.0 + 3 * agent.WAITING_AT_MOST
    assert outbox.send()
    sent = [each.at for batch in server.got for each in batch.samples]
    assert (len(sent), sent[-1]) == (agent.WAITING_AT_MOST, 1000.0 + 3 * agent.WAITING_AT_MOST - 1)
    assert max(len(batch.samples) for batch in server.got) == agent.SENT_AT_ONCE


def test_a_batch_that_the_server_will_never_take_does_not_block_the_others(caplog: pytest.LogCaptureFixture) -> None:
    server = Told(Outcome(False, is_refused=True, words="status 400"))
    outbox = server.outbox()
    for number in range(agent.SENT_AT_ONCE + 1):
        outbox.put(sample(1000.0 - number))
    assert outbox.send()
    assert [len(batch.samples) for batch in server.got] == [agent.SENT_AT_ONCE, 1]
    assert "refused 60 samples: status 400" in caplog.text


def test_what_is_older_than_the_server_takes_is_let_go() -> None:
    server = Told()
    outbox = server.outbox()
    outbox.put(sample(1000.0))
    server.now = 1000.0 + agent.OLDEST_SECONDS + 1
    assert outbox.send() and server.got == []


def test_the_pause_grows_to_five_minutes_and_the_server_may_ask_for_one() -> None:
    server = Told(*[Outcome(False)] * 20, Outcome(False, pause_seconds=77.0))
    outbox = server.outbox()
    outbox.put(sample(1000.0))
    pauses = []
    for _ in range(12):
        started = server.now
        outbox.send()
        tries = len(server.got)
        while len(server.got) == tries:
            server.now += 1
            outbox.send()
        pauses.append(server.now - started)
    assert pauses[0] <= 2 and pauses[-1] == agent.LONGEST_PAUSE_SECONDS


# --- over HTTP ----------------------------------------------------------------------------------------------------
def options_for(httpserver: HTTPServer, **fields: Any) -> Options:
    values = {"url": httpserver.url_for("").rstrip("/"), "token": "tw_secret", "name": "api-01", **fields}
    return Options(**values)


def test_the_body_carries_ages_and_the_request_the_token(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/performance/hosts", method="POST").respond_with_json({}, status=202)
    batch = Batch((sample(940.0), sample(1000.0)))
    assert post_batch(options_for(httpserver, project="desk", environment="lab"), batch, 1000.5) == Outcome(True)
    [(request, _)] = httpserver.log
    body = json.loads(request.data)
    assert request.headers["Authorization"] == "Bearer tw_secret"
    assert request.headers["Idempotency-Key"] == batch.key
    assert [each["age_seconds"] for each in body["samples"]] == [60.5, 0.5]
    assert body["samples"][0]["points"][1] == {"name": "disk", "value": 0.4, "attributes": {"mount": "/"}}
    assert (body["host"], body["project"], body["environment"], body["interval_seconds"]) == (
        "api-01",
        "desk",
        "lab",
        60,
    )


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (400, {}, Outcome(False, True, "status 400")),
        (413, {}, Outcome(False, True, "status 413")),
        (401, {}, Outcome(False, False, "status 401")),
        (429, {"Retry-After": "30"}, Outcome(False, False, "status 429", 30.0)),
        (503, {"Retry-After": "99999"}, Outcome(False, False, "status 503", 300.0)),
        (302, {"Location": "/elsewhere"}, Outcome(False, False, "status 302")),
    ],
)
def test_answers(httpserver: HTTPServer, status: int, headers: dict[str, str], expected: Outcome) -> None:
    httpserver.expect_request("/performance/hosts").respond_with_data("", status=status, headers=headers)
    assert post_batch(options_for(httpserver), Batch((sample(0.0),)), 0.0) == expected
    assert len(httpserver.log) == 1


def test_nobody_there_is_no_error() -> None:
    options = Options("http://127.0.0.1:1", "t", "api-01")
    assert post_batch(options, Batch((sample(0.0),)), 0.0) == Outcome(False, words="ConnectionRefusedError")


class Quick:
    def collect(self) -> Sample:
        return sample(time.monotonic())


def test_a_server_that_hangs_does_not_delay_collecting(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, collected, stop = threading.Event(), [], threading.Event()

    def hang(request: Request) -> Response:
        go_on.wait(30)
        return Response("{}", 202)

    class Counting(Quick):
        def collect(self) -> Sample:
            collected.append(time.monotonic())
            return super().collect()

    httpserver.expect_request("/performance/hosts").respond_with_handler(hang)
    options = options_for(httpserver, interval_seconds=0.1)
    thread = threading.Thread(target=run, args=(options,), kwargs={"stop": stop, "collector": Counting()})
    thread.start()
    wait_until(lambda: len(collected) >= 5, what="samples", seconds=10)
    go_on.set()
    stop.set()
    thread.join(20)
    sent = [each for request, _ in httpserver.log for each in json.loads(request.data)["samples"]]
    assert len(sent) == len(collected)  # the rest went out at the end


def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRADEWATCH_URL", "TRADEWATCH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert agent.start([]) == 2
    assert agent.start(["--url", "https://watch.example"]) == 2
    assert agent.start(["--url", "https://watch.example", "--token", "t", "--interval", "1"]) == 2
    said = capsys.readouterr().err
    assert "--url" in said and "--token" in said and "--interval" in said
    logging.getLogger("tradewatch.agent").handlers.clear()


def test_it_runs_without_django_and_without_a_data_folder(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/performance/hosts").respond_with_json({}, status=202)
    program = f"""
import sys
sys.argv = ["manage.py", "agent", "--url", "{httpserver.url_for("").rstrip("/")}", "--token", "t", "--once"]
sys.path.insert(0, {str(ROOT)!r})
import runpy
try:
    runpy.run_path({str(ROOT / "manage.py")!r}, run_name="__main__")
except SystemExit as end:
    assert end.code == 0, end.code
assert not [name for name in sys.modules if name.split(".")[0] in ("django", "httpx", "celery", "sentry_sdk")]
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
    [(request, _)] = httpserver.log
    names = {point["name"] for point in json.loads(request.data)["samples"][0]["points"]}
    assert {"cpu", "memory", "disk", "load.ratio", "processes"} <= names


# --- against a real server ----------------------------------------------------------------------------------------
@pytest.mark.once
@pytest.mark.server
def test_an_agent_reports_to_a_real_server(shared_server: Server) -> None:
    token = shared_server.token("performance:write")
    command = [sys.executable, str(ROOT / "manage.py"), "agent", "--url", shared_server.url, "--token", token]
    process = subprocess.Popen([*command, "--name", "walk-01", "--interval", "5"], cwd=shared_server.folder)
    try:
        wait_until(lambda: found(shared_server, token, "walk-01"), what="the agent's host", seconds=60)
        [host] = found(shared_server, token, "walk-01")
        assert host["state"] == "reports" and 0 <= host["cpu_ratio"] <= 1 and 0 < host["disk_ratio"] < 1
        # TradeWatch's own host reports by itself.
        wait_until(lambda: found(shared_server, token, None), what="its own host", seconds=120)
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0


def found(server: Server, token: str, name: str | None) -> list[dict[str, Any]]:
    import urllib.request

    request = urllib.request.Request(f"{server.url}/performance/hosts", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        hosts: list[dict[str, Any]] = json.load(answer)["results"]
    return [host for host in hosts if (host["is_own"] if name is None else host["name"] == name)]
