"""`/debug/recordings`, its download, and who may see which."""

from typing import Any

import orjson
import pytest
from django.test import Client

from debugging.models import BrowserReplay
from tests.debugging.builders import CAPTURE, store_event
from tests.debugging.recordings.builders import NOW, PAGE, REPLAY_ID, crumb, custom, meta, send
from tests.projects.builders import bearer, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.SENTRY_ENABLE_SESSION_REPLAY = True


def get(client: Client, path: str, **more: Any) -> Any:
    return client.get(path, headers=bearer("debug:read", **more))


def body_of(answer: Any) -> Any:
    return orjson.loads(b"".join(answer.streaming_content))


def test_one_is_told_with_its_timeline_and_downloaded_as_it_was_recorded(client: Client) -> None:
    event = store_event()
    events = [
        meta(),
        crumb("ui.click", "button#buy"),
        crumb("console", "book is empty", level="error"),
        custom(
            "performanceSpan", op="resource.fetch", description="/orders", data={"method": "POST", "statusCode": 500}
        ),
        crumb("ui.slowClickDetected", "button#buy"),
        {"type": 3, "timestamp": NOW.timestamp() * 1000, "data": {"source": 1}},
    ]
    send(0, events, error_ids=[event.event_id.hex])
    send(2, [meta(f"{PAGE}?done")])
    told = get(client, f"/debug/recordings/{REPLAY_ID}").json()
    assert (told["replay_id"], told["project"], told["events"], told["segments"]) == (REPLAY_ID, "default", 7, 2)
    assert told["seconds"] == 30.0 and told["url"].endswith(f"/debug/recording/{BrowserReplay.objects.get().pk}")
    assert told["error_ids"] == [event.event_id.hex] and told["missing_segments"] == [1]
    assert told["counts"] | {"click": 1, "slow": 1, "console": 1, "console.bad": 1, "request.bad": 1} == told["counts"]
    assert [(each["kind"], each["level"]) for each in told["timeline"]] == [
        ("page", "info"),
        ("click", "info"),
        ("console", "error"),
        ("request", "error"),
        ("slow", "warning"),
        ("page", "info"),
    ]
    assert told["timeline"][3]["text"] == "POST /orders answered 500"
    answer = get(client, f"/debug/recordings/{REPLAY_ID}/download")
    assert answer["Content-Type"] == "application/json" and f"replay-{REPLAY_ID}.json" in answer["Content-Disposition"]
    assert body_of(answer) == [*events, meta(f"{PAGE}?done")]


def test_the_list_is_narrowed_to_an_issue_an_error_and_an_environment(client: Client) -> None:
    tagged, named, traced = (
        store_event(tags={"replayId": "1" * 32}, exception={"values": [{"type": "A", "value": "a"}]}),
        store_event(exception={"values": [{"type": "B", "value": "b"}]}),
        store_event(contexts={"trace": {"trace_id": "7" * 32, "span_id": "7" * 16}}),
    )
    send(replay_id="1" * 32)
    send(replay_id="2" * 32, error_ids=[named.event_id.hex])
    send(replay_id="3" * 32, trace_ids=["7" * 32], environment="staging")

    def ids(query: str) -> list[str]:
        return [each["replay_id"][0] for each in get(client, f"/debug/recordings?{query}").json()["results"]]

    assert sorted(ids("")) == ["1", "2", "3"]
    assert ids("environment=staging") == ["3"]
    assert ids(f"error={tagged.event_id.hex}") == ["1"]
    assert ids(f"error={named.event_id.hex}") == ids(f"issue={named.issue_id}") == ["2"]
    assert ids(f"error={traced.event_id.hex}") == ["3"]
    assert get(client, "/debug/recordings?issue=99999").status_code == 404
    assert get(client, "/debug/recordings?issue=x").status_code == 400
    page = get(client, "/debug/recordings?limit=2").json()
    assert len(page["results"]) == 2 and len(ids(f"cursor={page['next']}")) == 1


def test_a_captured_error_names_its_recording_too(client: Client) -> None:
    send()
    given = {**CAPTURE, "tags": {"replayId": REPLAY_ID}}
    headers = bearer("debug:write")
    error_id = client.post("/debug/capture", given, content_type="application/json", headers=headers).json()["error_id"]
    found = get(client, f"/debug/recordings?error={error_id}").json()["results"]
    assert [each["replay_id"] for each in found] == [REPLAY_ID]


def test_others_projects_are_not_there_and_two_of_an_id_must_be_told_apart(client: Client) -> None:
    mine, other = make_project(), make_project("other")
    send(project=other)
    for path in ("", "/download"):
        assert get(client, f"/debug/recordings/{REPLAY_ID}{path}", projects=[mine]).status_code == 404
        assert client.get(f"/debug/recordings/{REPLAY_ID}{path}").status_code == 401
        assert client.get(f"/debug/recordings/{REPLAY_ID}{path}", headers=bearer("errors:read")).status_code == 403
    assert get(client, "/debug/recordings", projects=[mine]).json()["results"] == []
    send(project=mine)
    assert get(client, f"/debug/recordings/{REPLAY_ID}").status_code == 409
    assert get(client, f"/debug/recordings/{REPLAY_ID}?project=other").json()["project"] == "other"


@pytest.mark.parametrize("key", ["nonsense", "f" * 32, "1"])
def test_an_unknown_one_is_404(client: Client, key: str) -> None:
    assert get(client, f"/debug/recordings/{key}").status_code == 404


def test_one_whose_segments_were_all_refused_downloads_an_empty_list(client: Client, settings: Any) -> None:
    settings.REPLAY_SEGMENT_MAX_BYTES = 10
    send()
    told = get(client, f"/debug/recordings/{REPLAY_ID}").json()
    assert told["refused_segments"] == [{"segment": 0, "why": "larger than 10 bytes"}]
    assert body_of(get(client, f"/debug/recordings/{REPLAY_ID}/download")) == []
