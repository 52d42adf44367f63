"""Issues are merged and taken apart again over the API while envelopes come in: no count is ever off."""

import json
import time
import urllib.request

import pytest

from tests.servers import Server
from tests.walks.senders import Sender

pytestmark = pytest.mark.server

# In one transaction: the answer is of one moment, however much arrives meanwhile.
OFF = """
import json
from collections import Counter as Tally
from django.db import connection, transaction
from django.db.models import Count, Sum
from tradewatch.errors.models import Event, Issue, TagCount
from tradewatch.metrics.models import Counter
with transaction.atomic():
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    issues = list(Issue.objects.all())
    own = dict(Event.objects.values_list("issue").annotate(n=Count("id")))
    tags = dict(TagCount.objects.filter(key="level").values_list("issue").annotate(n=Sum("count")))
    hours = dict(Counter.objects.filter(resolution=3600).values_list("series").annotate(n=Sum("count")))
into = {issue.pk: issue.merged_into_id for issue in issues}
truth = Tally()
for pk, events in own.items():
    while pk is not None:
        truth[pk] += events
        pk = into[pk]
off = [
    [issue.pk, truth[issue.pk], issue.event_count, tags.get(issue.pk), hours.get(f"issue:{issue.pk}")]
    for issue in issues
    if not truth[issue.pk] == issue.event_count == tags.get(issue.pk) == hours.get(f"issue:{issue.pk}")
]
print(json.dumps({"off": off, "events": sum(own.values()), "issues": [issue.pk for issue in issues]}))
"""


def look(server: Server) -> dict[str, list[int]]:
    found: dict[str, list[int]] = json.loads(server.manage("shell", "--no-imports", "-c", OFF).splitlines()[-1])
    return found


def post(server: Server, path: str, token: str, body: object) -> dict[str, object]:
    request = urllib.request.Request(
        f"{server.url}/error-tracking{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        told: dict[str, object] = json.load(answer)
        return told


def test_counts_stay_true_while_issues_are_merged_and_unmerged_under_load(server: Server) -> None:
    token = server.token("errors:write")
    sender = Sender([server.dsn])
    sender.start(threads=2)
    try:
        deadline = time.monotonic() + 30
        while len(look(server)["issues"]) < 5 and time.monotonic() < deadline:
            time.sleep(0.5)
        one, two, three, four, _ = look(server)["issues"]
        for _ in range(2):
            post(server, f"/issues/{two}/merge", token, {"issues": [three]})
            merged = post(server, f"/issues/{one}/merge", token, {"issues": [two, four]})
            assert look(server)["off"] == []
            post(server, f"/issues/{three}/unmerge", token, {})
            post(server, "/undo", token, {"undo": merged["undo"]})
            assert look(server)["off"] == []
    finally:
        sender.stop()
    server.drain()
    found = look(server)
    assert (found["off"], found["events"]) == ([], len(sender.acked))
    assert sender.refused == []
