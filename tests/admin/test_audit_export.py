"""The audit trail taken along: what a person may read, in order, safe in a spreadsheet, and said in the trail."""

import asyncio
import csv
import io
import json

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connections
from django.test import AsyncClient, Client
from django.urls import reverse

from tests.admin.builders import make_person, make_project
from tests.admin.test_actions import logged_in, superuser
from tests.admin.test_actions import run_action as run
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.models import AuditEntry
from tradewatch.core.streaming import LINES_A_BLOCK
from tradewatch.projects.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.once]
MODEL = "core_auditentry"


def write(*actions: str, project=None) -> list[int]:  # type: ignore[no-untyped-def]
    project = project or make_project()
    for action in actions:
        changes = {"title": [None, "=HYPERLINK(1)"]}
        audit.record(Actor("user", 7, "=cmd", "192.0.2.7"), action, project, project_id=project.pk, changes=changes)
    return list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))


def text_of(client: Client, action: str, ids: list[int]) -> str:
    answer = run(client, MODEL, action, *ids)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    return b"".join(answer.streaming_content).decode()


def test_csv_holds_each_entry_once_and_no_formula() -> None:
    ids = write("issue.resolve", "issue.reopen")
    rows = list(csv.DictReader(io.StringIO(text_of(superuser(), "export_csv", ids).removeprefix("\ufeff"))))
    assert [row["action"] for row in rows] == ["issue.resolve", "issue.reopen"]
    assert {row["actor_label"] for row in rows} == {"'=cmd"}
    assert json.loads(rows[0]["changes"]) == {"title": [None, "=HYPERLINK(1)"]}


def test_json_lines_hold_the_same() -> None:
    ids = write("issue.resolve", "issue.reopen")
    lines = [json.loads(line) for line in text_of(superuser(), "export_json", ids).splitlines()]
    assert [(line["id"], line["action"], line["address"]) for line in lines] == [
        (ids[0], "issue.resolve", "192.0.2.7"),
        (ids[1], "issue.reopen", "192.0.2.7"),
    ]


def test_that_it_was_taken_along_stands_in_the_trail() -> None:
    ids = write("issue.resolve", "issue.reopen")
    text_of(superuser(), "export_csv", ids)
    said = AuditEntry.objects.latest("pk")
    assert (said.action, said.actor_label, said.changes["entries"][1]) == ("audit.export", "chief", 2)


def test_a_manager_takes_what_he_may_read_and_no_more() -> None:
    own, other = make_project(), make_project("other")
    ids = write("issue.resolve", project=own)
    ids = write("issue.reopen", project=other)
    lines = text_of(logged_in(make_person("mara", Role.MANAGER, own)), "export_json", ids).splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["issue.resolve"]


@pytest.mark.django_db(transaction=True)
def test_under_asgi_a_long_trail_comes_in_blocks() -> None:
    ids = write(*["issue.resolve"] * (LINES_A_BLOCK + 1))
    client = AsyncClient()
    client.force_login(User.objects.create_superuser("chief", "c@desk.example", "pass word 1"))

    async def read() -> list[bytes]:
        body = {"action": "export_json", "_selected_action": ids[:1], "select_across": "1", "index": "0"}
        answer = await client.post(reverse(f"admin:{MODEL}_changelist"), body)
        assert answer.is_async
        blocks = [block async for block in answer.streaming_content]
        await sync_to_async(connections.close_all)()  # that thread's: else the test database cannot be dropped
        return blocks

    blocks = asyncio.run(read())
    assert len(blocks) > 1
    assert {json.loads(line)["id"] for line in b"".join(blocks).splitlines()} >= set(ids)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER])
def test_who_may_not_read_it_takes_nothing(role: Role) -> None:
    project = make_project()
    ids = write("issue.resolve", project=project)
    assert run(logged_in(make_person("mara", role, project)), MODEL, "export_csv", *ids).status_code == 403
