"""Attachments and feedback over HTTP: streamed, never opened as a page, seen only where the event is."""

import asyncio
import uuid
from typing import Any

import orjson
import pytest
import zstandard
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client
from django.utils import timezone

from tests.dashboard.builders import make_event, make_issue
from tests.projects.builders import make_project, make_user
from tradewatch.errors.models import Event
from tradewatch.inbox.models import AttachmentChunk, KeptItem
from tradewatch.projects.choices import Role

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
HOSTILE_NAME = 'a"; filename="evil.html\r\nX-Bad: 1; <b>.html'


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vera", role=Role.VIEWER))
    return client


def attach(event: Event, *chunks: bytes, name: str = "book.log", kind: str = "text/plain") -> KeptItem:
    meta = {"filename": name, "content_type": kind, "bytes": sum(map(len, chunks))}
    item = KeptItem.objects.create(
        project=event.project,
        item_type="attachment",
        event_id=event.event_id,
        received_at=timezone.now(),
        meta=meta,
        payload=b"",
    )
    for number, data in enumerate(chunks):
        AttachmentChunk.objects.create(item=item, number=number, data=data)
    return item


def path_of(event: Event, item: KeptItem) -> str:
    return f"{event.get_absolute_url()}/attachments/{item.pk}"


@pytest.mark.django_db
def test_an_attachment_is_a_file_to_save_whatever_it_calls_itself(viewer: Client) -> None:
    event = make_event(make_issue())
    item = attach(event, b"<script>", b"alert(1)</script>", name=HOSTILE_NAME, kind="text/html")
    page = viewer.get(event.get_absolute_url()).content.decode()
    assert f'href="{path_of(event, item)}"' in page
    assert "<b>.html" not in page
    answer = viewer.get(path_of(event, item))
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "\r" not in answer["Content-Disposition"] and "\n" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "X-Bad" not in answer


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 20, "image/jpeg"),
        (b"GIF89a" + b"\0" * 20, "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", None),
        (b"<html><script>", None),
        (b"", None),
        (b"\x89PN", None),
    ],
)
@pytest.mark.django_db
def test_only_what_begins_as_a_picture_is_shown_as_one(viewer: Client, first: bytes, kind: str | None) -> None:
    event = make_event(make_issue())
    item = attach(event, first, name="shot.png", kind="image/png")
    answer = viewer.get(path_of(event, item) + "/picture")
    assert ("<img" in viewer.get(event.get_absolute_url()).content.decode()) == bool(kind)
    assert answer.status_code == (200 if kind else 404)
    if kind:
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (kind, "nosniff")


@pytest.mark.django_db
def test_an_attachment_of_another_project_or_event_is_not_there(viewer: Client) -> None:
    mine, foreign = make_event(make_issue()), make_event(make_issue(make_project("other")))
    hidden, own = attach(foreign, b"x"), attach(mine, b"y")
    beside = make_event(mine.issue)
    for path in (path_of(foreign, hidden), path_of(mine, hidden), path_of(beside, own), path_of(mine, own) + "9"):
        assert viewer.get(path).status_code == 404, path
    viewer.logout()
    assert viewer.get(path_of(mine, own)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_under_asgi_the_bytes_come_chunk_by_chunk() -> None:
    event = make_event(make_issue())
    item = attach(event, b"a" * 1000, b"b" * 1000, b"c")
    client = AsyncClient()
    client.force_login(make_user("vera", role=Role.VIEWER))

    async def read() -> list[bytes]:
        answer = await client.get(path_of(event, item))
        assert answer.is_async
        chunks = [chunk async for chunk in answer.streaming_content]
        await sync_to_async(connections.close_all)()  # that thread's: else the test database cannot be dropped
        return chunks

    assert [len(chunk) for chunk in asyncio.run(read())] == [1000, 1000, 1]


def report(event: Event, item_type: str, document: dict[str, Any]) -> None:
    KeptItem.objects.create(
        project=event.project,
        item_type=item_type,
        event_id=event.event_id,
        received_at=timezone.now(),
        meta={},
        payload=zstandard.compress(orjson.dumps(document), 3),
    )


@pytest.mark.django_db
def test_what_people_wrote_stands_with_the_issue_in_either_form(viewer: Client) -> None:
    issue = make_issue()
    first, second = make_event(issue), make_event(issue)
    report(first, "user_report", {"name": "Jonas", "email": "j@desk.example", "comments": "The ticket <b>closed</b>."})
    said = {"name": "Mara", "contact_email": "m@desk.example", "message": "My order was gone."}
    report(second, "feedback", {"contexts": {"feedback": said}})
    other = make_event(make_issue(title="Other: x"))
    report(other, "feedback", {"contexts": {"feedback": {"message": "Elsewhere."}}})
    page = viewer.get(f"/issues/{issue.pk}").content.decode()
    for words in ("The ticket &lt;b&gt;closed&lt;/b&gt;.", "Jonas, j@desk.example", "My order was gone.", "Mara"):
        assert words in page, words
    assert "Elsewhere" not in page
    assert f"/issues/{issue.pk}/events/{first.event_id.hex}" in page


@pytest.mark.django_db
def test_strange_reports_and_sizes_are_still_shown(viewer: Client) -> None:
    event = make_event(make_issue())
    report(event, "feedback", {"contexts": []})
    report(event, "user_report", {"comments": 5, "name": None})
    item = attach(event, b"x")
    KeptItem.objects.filter(pk=item.pk).update(meta={"bytes": "many", "filename": 7, "content_type": None})
    assert "Without words." in viewer.get(event.get_absolute_url()).content.decode()
    assert uuid.UUID(int=1).hex not in viewer.get(f"/issues/{event.issue_id}?tab=events").content.decode()
