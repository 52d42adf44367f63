"""`release_tracker`: as the seed shows it, over HTTP and inside, never in the way of who calls it."""

import asyncio
import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from releases.models import Deployment
from tests.projects.builders import make_project
from tests.releases.builders import NOW, see
from tests.releases.commits.builders import draft, make_release
from tradewatch.facade import release_tracker as module
from tradewatch.facade import remote
from tradewatch.facade.failures import failure_counts
from tradewatch.facade.release_tracker import ReleaseTracker

ANSWER: dict[str, Any] = {
    "deployment_id": 341, "environment": "production", "version": "2.0.1", "status": "in_progress",
    "started_at": "2026-11-23T14:52:10Z", "finished_at": None,
}  # fmt: skip


@pytest.fixture
def outside_tracker(monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer) -> ReleaseTracker:
    """A tracker as the monitored application has it; its TradeWatch is `httpserver`."""
    monkeypatch.setattr(module, "backend_of_this_process", lambda: remote)
    monkeypatch.setenv("TRADEWATCH_URL", httpserver.url_for("/"))
    monkeypatch.setenv("TRADEWATCH_TOKEN", "tw_secret")
    return ReleaseTracker()


def test_the_seeds_lines_over_http(outside_tracker: ReleaseTracker, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/release/deploy/start", method="POST").respond_with_json(ANSWER, status=201)
    ended = {**ANSWER, "status": "succeeded"}
    httpserver.expect_request("/release/deploy/341/complete", method="POST").respond_with_json(ended)
    deployment = outside_tracker.start_deployment("production")
    done = outside_tracker.complete_deployment(deployment.deployment_id, success=True)
    assert (deployment.deployment_id, deployment.status, deployment.version) == (341, "in_progress", "2.0.1")
    assert done is not None and done.status == "succeeded"
    bodies = [json.loads(request.data) for request, _ in httpserver.log]
    assert bodies == [{"environment": "production"}, {"success": True, "message": ""}]
    assert {request.headers["Authorization"] for request, _ in httpserver.log} == {"Bearer tw_secret"}


NOTES: dict[str, Any] = {
    "version": "api@2.0.1+7", "previous": "2.0.0", "sections": [{"title": "Fixes", "entries": [{"subject": "round"}]}],
    "markdown": "# 2.0.1", "counts": {"commits": 1},
}  # fmt: skip


def test_notes_over_http_and_those_of_what_nobody_knows(
    outside_tracker: ReleaseTracker, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/release/notes/api@2.0.1+7").respond_with_json(NOTES)
    httpserver.expect_request("/release/notes/a/b%").respond_with_json({"detail": "unknown"}, status=404)
    notes = outside_tracker.generate_release_notes(
        "api@2.0.1+7", environment="staging", previous="2.0.0", project="desk"
    )
    assert (notes.version, notes.previous, notes.markdown) == ("api@2.0.1+7", "2.0.0", "# 2.0.1")
    assert (notes.sections, notes.answer) == (NOTES["sections"], NOTES)
    assert httpserver.log[0][0].args.to_dict() == {"environment": "staging", "previous": "2.0.0", "project": "desk"}
    empty = outside_tracker.generate_release_notes("a/b%")
    assert (empty.version, list(empty.sections), empty.markdown) == ("a/b%", [], "")
    assert failure_counts() == {}


def test_all_that_may_be_said_is_said(outside_tracker: ReleaseTracker, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/release/deploy/start").respond_with_json(ANSWER)
    said = {"commit": "9f3c2e1", "ref": "main", "url": "https://ci.example/1", "deployed_by": "Mara", "project": "desk"}
    outside_tracker.start_deployment("production", "2.0.1", **said)
    assert json.loads(httpserver.log[0][0].data) == {"environment": "production", "version": "2.0.1", **said}
    httpserver.expect_request("/release/status").respond_with_json({"environments": {}, "releases": [1]})
    assert outside_tracker.get_release_status("staging", project="desk")["releases"] == [1]
    assert httpserver.log[1][0].args.to_dict() == {"environment": "staging", "project": "desk"}


@pytest.mark.usefixtures("swallowing")
def test_whatever_goes_wrong_is_counted_and_never_raised(
    outside_tracker: ReleaseTracker, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/release/deploy/start").respond_with_data("no", status=403)
    httpserver.expect_request("/release/deploy/7/complete").respond_with_data("{", status=200)
    refused = outside_tracker.start_deployment("production", "2.0.1")
    assert (refused.deployment_id, refused.status, refused.version) == (None, "unknown", "2.0.1")
    assert outside_tracker.complete_deployment(refused.deployment_id) is None
    assert outside_tracker.complete_deployment(7) is None
    assert outside_tracker.complete_deployment("seven") is None
    monkeypatch.setenv("TRADEWATCH_URL", "http://127.0.0.1:1")
    assert outside_tracker.get_release_status() == {"environments": {}, "releases": []}
    assert outside_tracker.generate_release_notes("2.0.1").markdown == ""
    assert failure_counts() == {
        "start_deployment": 1,
        "complete_deployment": 3,
        "get_release_status": 1,
        "generate_release_notes": 1,
    }


# --- inside ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_inside_the_same_calls_go_to_the_services() -> None:
    make_project()
    see("oms@2.0.0", at=NOW)
    tracker = ReleaseTracker()
    deployment = tracker.start_deployment("production")
    done = tracker.complete_deployment(deployment.deployment_id, success=True)
    row = Deployment.objects.get()
    assert (row.pk, row.version, row.state) == (deployment.deployment_id, "oms@2.0.0", "succeeded")
    assert done is not None and (done.status, done.finished_at) == ("succeeded", done.answer["finished_at"])
    status = tracker.get_release_status()
    assert status["environments"]["production"]["current"]["deployment_id"] == row.pk


@pytest.mark.django_db
def test_inside_notes_are_made_of_what_is_stored() -> None:
    make_release("2.0.1", draft("b"), draft("a"))
    tracker = ReleaseTracker()
    notes = tracker.generate_release_notes("2.0.1")
    assert [(each["title"], [one["subject"] for one in each["entries"]]) for each in notes.sections] == [
        ("Features", ["b", "a"])
    ]
    assert (notes.version, notes.previous) == ("2.0.1", None) and notes.markdown.startswith("# 2.0.1\n")
    for unknown in ("9.9.9", "../x", ""):
        empty = tracker.generate_release_notes(unknown)
        assert (empty.version, list(empty.sections), empty.markdown) == (unknown, [], "")
    assert failure_counts() == {}


@pytest.mark.django_db(transaction=True)
def test_inside_an_event_loop_a_thread_asks() -> None:
    make_project()

    async def deploy() -> int | None:
        return ReleaseTracker().start_deployment("production", "2.0.1").deployment_id

    assert asyncio.run(deploy()) == Deployment.objects.get().pk


@pytest.mark.django_db
@pytest.mark.usefixtures("swallowing")
def test_inside_a_refusal_is_counted() -> None:
    make_project()
    assert ReleaseTracker().start_deployment("production", "../x").deployment_id is None
    assert ReleaseTracker().complete_deployment(0) is None
    assert failure_counts() == {"start_deployment": 1, "complete_deployment": 1}
