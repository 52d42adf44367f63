"""Whatever an event holds, its page stays below 200 KB, says what it leaves out, and the raw document has it all."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import make_event, make_issue
from tests.projects.builders import make_user
from tradewatch.errors.models import TagCount
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
MOST_BYTES = 200_000
TEXT = "<'\"&é" * 400  # each character is several bytes of HTML


def deep(levels: int) -> Any:
    value: Any = "bottom"
    for number in range(levels):
        value = {f"level{number}": value, "beside": [1, 2]} if number % 2 else [value, TEXT[:200]]
    return value


def frame(number: int, *, ours: bool) -> dict[str, Any]:
    line = "x = '<b>' # " + TEXT[:500]
    return {
        "filename": f"app/{TEXT[:300]}/module_{number}.py",
        "function": f"function_{number}_" + TEXT[:300],
        "lineno": number,
        "in_app": ours,
        "pre_context": [line] * 5,
        "context_line": line,
        "post_context": [line] * 5,
        "vars": {f"v{n}{TEXT[:100]}": deep(12) if n % 2 else TEXT for n in range(4)},
    }


def stack(frames: int) -> dict[str, Any]:
    return {"frames": [frame(number, ours=number % 3 > 0) for number in range(frames)]}


EVERYTHING: dict[str, Any] = {
    "platform": "node",
    "timestamp": 1_700_000_010.0,
    "exception": {"values": [{"type": TEXT, "value": TEXT * 2, "stacktrace": stack(count)} for count in (20, 20, 250)]},
    "logentry": {"formatted": TEXT * 4, "message": TEXT, "params": [TEXT] * 100},
    "breadcrumbs": {
        "values": [
            {"timestamp": 1_700_000_000.0, "category": TEXT[:200], "message": TEXT, "data": {"a": TEXT, "b": deep(20)}}
            for _ in range(300)
        ]
    },
    "request": {
        "method": TEXT[:60],
        "url": "https://trade.example/" + TEXT,
        "query_string": "&".join(f"{n}={TEXT[:50]}" for n in range(150)),
        "headers": [[f"X-{n}", TEXT] for n in range(120)],
        "cookies": [[f"c{n}", TEXT] for n in range(120)],
        "data": {f"k{n}": TEXT for n in range(120)},
        "env": {f"e{n}": TEXT for n in range(120)},
    },
    "threads": {"values": [{"id": str(n), "name": TEXT, "state": TEXT, "stacktrace": stack(1)} for n in range(300)]},
    "user": {f"u{n}": TEXT for n in range(120)},
    "contexts": {f"{TEXT[:150]}{n}": {"a": TEXT, "b": deep(30)} for n in range(120)},
    "extra": {"deep": deep(200), **{f"k{n}": TEXT for n in range(200)}},
    "modules": {f"module-{n}": TEXT[:100] for n in range(1000)},
    "sdk": {"name": TEXT, "version": TEXT},
    "server_name": TEXT[:200],
    "logger": TEXT[:200],
    "dist": TEXT[:200],
    "fingerprint": [TEXT[:500]] * 32,
    "_errors": [{"path": TEXT[:200], "reason": TEXT[:200]}] * 50,
}


@pytest.fixture
def ask(client: Client) -> Any:
    client.force_login(make_user("rosa", role=Role.RESPONDER))
    issue = make_issue(title=TEXT[:250], culprit=TEXT[:250], message=TEXT[:500], classified_why=TEXT[:250])
    event = make_event(issue, document=EVERYTHING)
    now = timezone.now()
    TagCount.objects.bulk_create(
        TagCount(issue=issue, key=f"{n}{TEXT[:60]}", value=f"{m}{TEXT[:190]}", count=1, last_seen_at=now)
        for n in range(100)
        for m in range(12)
    )

    def get(query: str = "") -> str:
        answer = client.get(event.get_absolute_url() + query)
        assert answer.status_code == 200
        return answer.content.decode()

    get.path = f"/issues/{issue.pk}"  # type: ignore[attr-defined]
    get.client = client  # type: ignore[attr-defined]
    get.event = event  # type: ignore[attr-defined]
    return get


@pytest.mark.parametrize("query", ["", "?frames=all", "?thread=7", "?frames=all&thread=299"])
def test_an_event_page_stays_small_and_says_what_it_leaves_out(ask: Any, query: str) -> None:
    html = ask(query)
    assert len(html.encode()) < MOST_BYTES
    for said in ("more frames in the raw JSON", "more in the raw JSON", "the oldest", "to keep this page small"):
        assert said in html, said
    assert html.rstrip().endswith("</html>")


@pytest.mark.parametrize("tab", ["tags", "events", "activity", "similar"])
def test_the_other_tabs_stay_small_too(ask: Any, tab: str) -> None:
    answer = ask.client.get(f"{ask.path}?tab={tab}")
    assert answer.status_code == 200
    assert len(answer.content) < MOST_BYTES


def test_the_raw_document_has_all_of_it(ask: Any) -> None:
    answer = ask.client.get(ask.event.get_absolute_url() + "/json?download=1")
    assert answer["Content-Disposition"] == f'attachment; filename="event-{ask.event.event_id.hex}.json"'
    assert len(answer.json()["breadcrumbs"]["values"]) == 300
