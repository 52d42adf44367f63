"""A bad release found by a session, replayed against the running service, repaired, and the fix verified.

The service asks for a key, which scrubbing has taken out of the event: the secret of the target brings it.
"""

import secrets
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, REPAIRED_RELEASE
from examples.trading_app.process import free_port, running_service
from examples.trading_app.traffic import NO_REUSE, order
from tests.clients.stored import ask, new_release
from tests.clients.test_performance_numbers import log_in
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]

SETTLED_SECONDS = 75
EVENTS = """
import json
from tradewatch.errors.models import Event
rows = Event.objects.filter(environment={environment!r}).select_related("issue").order_by("timestamp")
print(json.dumps([[row.event_id.hex, row.issue.exception_type, row.issue_id, row.trace_id] for row in rows]))
"""
MAKE_TARGET = """
from django.contrib.auth.models import User
from django.utils import timezone
from debugging.models import ReplayTarget
from debugging.targets.services import FIELDS, save_secret, save_target
from tradewatch.core.actors import Actor
from tradewatch.projects.models import Project
admin = User.objects.get(username="admin")
actor = Actor("user", admin.pk, "admin")
row = ReplayTarget(project=Project.objects.get(slug="default"), name={name!r}, kind="local", base_url={url!r},
                   allows_internal=True, allows_unsafe=True)
save_target(actor, row, was_in=None, changed=FIELDS, now=timezone.now())
save_secret(actor, row, "header", "X-API-Key", {key!r})
print("made")
"""
EVERYTHING = """
import json
from django.apps import apps
found = []
for model in apps.get_app_config("debugging").get_models():
    for row in model._default_manager.all().values():
        text = str({{name: each for name, each in row.items() if (model.__name__, name) != ("TargetSecret", "value")}})
        found += [model.__name__] if {key!r} in text else []
from tradewatch.core.models import AuditEntry
found += ["AuditEntry" for row in AuditEntry.objects.values() if {key!r} in str(row)]
from tradewatch.errors.models import Event
found += ["Event" for row in Event.objects.select_related("stored") if {key!r} in str(row.payload)]
print(json.dumps(found))
"""

Call = Callable[..., Any]


@pytest.fixture
def api(shared_server: Server) -> Call:
    headers = {"Authorization": f"Bearer {shared_server.token('debug:write')}"}
    http = httpx.Client(base_url=shared_server.url, headers=headers, timeout=90)

    def call(method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = http.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    return call


def settled(api: Call, replay: dict[str, Any]) -> dict[str, Any]:
    """Return the replay once it is known whether the error came back."""
    path = f"/debug/session/{replay['session_id']}/replays/{replay['replay_id']}"
    deadline = time.monotonic() + SETTLED_SECONDS
    while True:
        told: dict[str, Any] = api("GET", path)
        if told["reproduced"] != "pending" or time.monotonic() > deadline:
            return told
        time.sleep(0.5)


def place_order(url: str, key: str, account: str) -> int:
    (call,) = order(account, "ACME", 2)
    with httpx.Client(base_url=url, timeout=20, limits=NO_REUSE, headers={"X-API-Key": key}) as http:
        return http.request(call.method, call.path, json=call.body).status_code


def test_a_bad_release_is_replayed_repaired_and_the_fix_verified(api: Call, shared_server: Server) -> None:
    environment = new_release("replay").partition("@")[2].replace(".", "-")
    target, key, port = f"local-{environment}", f"desk-{secrets.token_hex(8)}", free_port()
    service = {"dsn": shared_server.dsn, "environment": environment, "port": port, "api_key": key}
    made = MAKE_TARGET.format(name=target, url=f"http://127.0.0.1:{port}", key=key)
    assert "made" in shared_server.manage("shell", "--no-imports", "-c", made)

    with running_service(release=BAD_RELEASE, **service) as url:  # type: ignore[arg-type]  # one for each of its own
        assert place_order(url, key, "acc-4") == 500
        shared_server.drain()
        ((event_id, kind, issue_id, _),) = ask(shared_server, EVENTS.format(environment=environment))
        assert kind == "KeyError"
        opened = api("POST", f"/debug/session/{event_id}", {}, status=201)
        path = f"/debug/session/{opened['session_id']}"

        dry = api("POST", f"{path}/replay", {"target": target, "dry_run": True})
        assert dry["request"]["body"]["account_id"] == "acc-4" and dry["replay_id"] is None
        shown = {name.lower(): value for name, value in dry["request"]["headers"]}
        assert shown["x-api-key"] == "[removed: target secret]"
        refused = api("POST", f"{path}/replay", {"target": f"http://127.0.0.1:{port}"}, status=404)
        assert target in refused["errors"]["target"][0]

        keyless = api("POST", f"{path}/replay", {"target": target, "modifications": {"headers": {"X-API-Key": None}}})
        assert keyless["response"]["status"] == 401

        broken = settled(api, api("POST", f"{path}/replay", {"target": target}))
        assert (broken["state"], broken["status"], broken["reproduced"]) == ("answered", 500, "yes"), broken
        assert broken["diff"]["status"] == {"before": 500, "after": 500, "source": "the trace of the error"}
        events = {row[0]: row for row in ask(shared_server, EVENTS.format(environment=environment))}
        came_back = events[broken["event_id"]]
        assert came_back[1:] == ["KeyError", issue_id, broken["trace_id"]]

        other = {"patch": [{"op": "replace", "path": "/account_id", "value": "acc-1"}]}
        passed = settled(api, api("POST", f"{path}/replay", {"target": target, "modifications": other}))
        assert (passed["status"], passed["reproduced"]) == (201, "no"), passed
        assert BAD_RELEASE in passed["reproduced_why"]
        assert passed["lacks"] == ["Its request was changed: send it as it was captured."]
        api("POST", f"{path}/replays/{passed['replay_id']}/verify", status=409)

    with running_service(release=REPAIRED_RELEASE, **service):  # type: ignore[arg-type]
        fixed = settled(api, api("POST", f"{path}/replay", {"target": target}))
    assert (fixed["status"], fixed["reproduced"], fixed["lacks"]) == (201, "no", []), fixed
    assert (fixed["diff"]["status"]["before"], fixed["diff"]["status"]["after"]) == (500, 201)
    verified = api("POST", f"{path}/replays/{fixed['replay_id']}/verify")
    assert verified["text"].startswith(f"Fix verified by replay {fixed['replay_id']} at {target} ({REPAIRED_RELEASE})")

    session = api("GET", path)
    assert session["audit"][0]["kind"] == "verified"
    assert len(session["replays"]) == 4
    page = log_in(shared_server).get(f"/debug/{opened['session_id']}").raise_for_status().text
    assert verified["text"] in page and key not in page
    assert ask(shared_server, EVERYTHING.format(key=key)) == []
    shared_server.drain()
    assert len(ask(shared_server, EVENTS.format(environment=environment))) == 2  # the first one, and the replay's
