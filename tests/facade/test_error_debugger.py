"""`error_debugger`: as the seed shows it, over HTTP and inside, never in the way of who calls it."""

import asyncio
import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from debugging.models import DebugSession, ErrorContext
from debugging.replays import services
from tests.debugging.targets.builders import make_target
from tests.projects.builders import make_project
from tradewatch.facade import error_debugger as module
from tradewatch.facade import remote
from tradewatch.facade.error_debugger import ErrorDebugger
from tradewatch.facade.failures import failure_counts


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer) -> ErrorDebugger:
    """A debugger as the monitored application has it; its TradeWatch is `httpserver`."""
    monkeypatch.setattr(module, "backend_of_this_process", lambda: remote)
    monkeypatch.setenv("TRADEWATCH_URL", httpserver.url_for("/"))
    monkeypatch.setenv("TRADEWATCH_TOKEN", "tw_secret")
    return ErrorDebugger()


def margin_of(tier: str) -> int:
    rates, password = {"retail": 50}, "hunter22"
    try:
        return rates[tier] if password else 0
    except KeyError as error:
        raise ValueError(f"no rate for {tier}") from error


def raised() -> ValueError:
    try:
        margin_of("institutional")
    except ValueError as error:
        return error
    raise AssertionError


async def the_seeds_lines(debugger: ErrorDebugger) -> tuple[str | None, int | None]:
    error_id = await debugger.capture_error_context(
        error=raised(), request_data={"method": "POST", "path": "/api/users"}, user_context={"user_id": 7}
    )
    return error_id, await debugger.create_debug_session(error_id)


def test_the_seeds_lines_over_http(outside: ErrorDebugger, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/debug/capture", method="POST").respond_with_json({"error_id": "a" * 32}, status=201)
    httpserver.expect_request(f"/debug/session/{'a' * 32}", method="POST").respond_with_json({"session_id": 57})
    assert asyncio.run(the_seeds_lines(outside)) == ("a" * 32, 57)
    body: dict[str, Any] = json.loads(httpserver.log[0][0].data)
    assert body["request"] == {"method": "POST", "path": "/api/users"} and body["user"] == {"id": "7"}
    error = body["error"]
    assert (error["type"], error["message"]) == ("ValueError", "no rate for institutional")
    assert [cause["type"] for cause in error["chain"]] == ["KeyError"]
    frame = error["traceback"][-1]
    assert (frame["function"], frame["vars"]["tier"]) == ("margin_of", "'institutional'")
    assert "hunter22" not in json.dumps(frame["vars"])
    assert httpserver.log[0][0].headers["Idempotency-Key"]


def test_a_project_is_named_and_a_session_is_read(outside: ErrorDebugger, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/debug/session/ab", method="POST").respond_with_json({"session_id": 5})
    httpserver.expect_request("/debug/session/5", method="GET").respond_with_json({"steps": []})

    async def calls() -> dict[str, Any] | None:
        session_id = await outside.create_debug_session("ab", "Orders fail", project="desk")
        return await outside.get_debug_session(session_id or 0)

    assert asyncio.run(calls()) == {"steps": []}
    asked = httpserver.log[0][0]
    assert (asked.args.to_dict(), json.loads(asked.data)) == ({"project": "desk"}, {"title": "Orders fail"})


def test_the_seeds_replay_over_http(outside: ErrorDebugger, httpserver: HTTPServer) -> None:
    answer = {"replay_id": 3, "request": {}, "response": {"status": 500}, "diff": {}, "reproduced": "yes"}
    httpserver.expect_request("/debug/session/57/replay", method="POST").respond_with_json(answer)

    async def calls() -> list[dict[str, Any] | None]:
        return [
            await outside.replay_request(57, modifications={"headers": {"Authorization": "Bearer new_token"}}),
            await outside.replay_request("57", target="staging", dry_run=True),
        ]

    assert asyncio.run(calls()) == [answer, answer]
    assert [json.loads(each.data) for each, _ in httpserver.log] == [
        {"modifications": {"headers": {"Authorization": "Bearer new_token"}}, "dry_run": False},
        {"target": "staging", "dry_run": True},
    ]


@pytest.mark.usefixtures("swallowing")
def test_a_replay_without_a_session_or_a_target_is_counted(outside: ErrorDebugger, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/debug/session/5/replay").respond_with_json({"detail": "no target"}, status=400)
    assert asyncio.run(outside.replay_request(None)) is None
    assert asyncio.run(outside.replay_request(5)) is None
    assert failure_counts() == {"replay_request": 2}


@pytest.mark.usefixtures("swallowing")
def test_whatever_goes_wrong_is_counted_and_never_raised(
    outside: ErrorDebugger, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/debug/capture").respond_with_data("no", status=403)
    assert asyncio.run(the_seeds_lines(outside)) == (None, None)
    monkeypatch.setenv("TRADEWATCH_URL", "http://127.0.0.1:1")
    assert asyncio.run(outside.get_debug_session("x")) is None
    assert asyncio.run(outside.get_debug_session(4)) is None
    assert asyncio.run(outside.capture_error_context("no error")) is None  # type: ignore[arg-type]
    counts = {"capture_error_context": 2, "create_debug_session": 1, "get_debug_session": 2}
    assert failure_counts() == counts


@pytest.mark.django_db(transaction=True)
def test_inside_the_same_calls_go_to_the_services() -> None:
    make_project()
    error_id, session_id = asyncio.run(the_seeds_lines(ErrorDebugger()))
    row, session = ErrorContext.objects.get(), DebugSession.objects.get()
    assert (error_id, session_id) == (row.error_id.hex, session.pk)
    assert (row.title, row.culprit) == (
        "ValueError: no rate for institutional",
        "tests.facade.test_error_debugger in margin_of",
    )
    told = asyncio.run(ErrorDebugger().get_debug_session(session.pk))
    assert told is not None and told["context"]["request"]["values"]["path"] == "/api/users"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("swallowing")
def test_inside_a_replay_goes_to_the_only_target(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LOOK_SECONDS", 0.0)
    httpserver.expect_request("/api/users", method="POST").respond_with_json({"ok": True}, status=201)
    make_project()
    debugger = ErrorDebugger()
    session_id = asyncio.run(the_seeds_lines(debugger))[1]
    said = {"headers": {"Authorization": "Bearer new_token"}}
    assert asyncio.run(debugger.replay_request(session_id, modifications=said)) is None
    assert failure_counts() == {"replay_request": 1}  # no target is listed
    make_target(httpserver.url_for("/").rstrip("/").replace("localhost", "127.0.0.1"))
    dry = asyncio.run(debugger.replay_request(session_id, modifications=said, dry_run=True))
    assert dry is not None and dry["response"] is None and httpserver.log == []
    result = asyncio.run(debugger.replay_request(session_id, modifications=said))
    assert result is not None and (result["response"]["status"], result["reproduced"]) == (201, "pending")
    assert httpserver.log[0][0].headers["Authorization"] == "Bearer new_token"
    assert "new_token" not in json.dumps(result)
