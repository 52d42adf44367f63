from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.errors.builders import digest, only_issue
from tests.errors.documents import make_event
from tests.projects.builders import make_project, make_user
from tradewatch.dashboard.system import views
from tradewatch.dashboard.system.keeping import keeping_section
from tradewatch.dashboard.views import issue as issue_page
from tradewatch.errors.models import Event
from tradewatch.inbox.models import AttachmentChunk, KeptItem
from tradewatch.performance.models import DiskWatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("ada", is_superuser=True))
    return client


def test_what_is_kept_for_how_long_and_what_goes(admin: Client) -> None:
    now = timezone.now()
    project = make_project(event_days=5, event_budget_mb=200)
    for days in (0, 4, 6, 9):
        at = now - timedelta(days=days)
        digest(make_event(timestamp=at.timestamp()), received_at=at)
        item = KeptItem.objects.create(project=project, item_type="attachment", received_at=at, payload=b"")
        AttachmentChunk.objects.create(item=item, number=0, data=b"x" * 1_000_000)
    (home,) = keeping_section([project.pk], now)["homes"]  # type: ignore[attr-defined]  # a list of them
    lines = {line.kind: (line.count, line.days, line.is_own, line.past) for line in home.lines}
    assert lines["events"] == (4, 5, True, 2)
    assert lines["attachments and items"] == (4, 30, False, 0)
    assert lines["transactions"] == (0, 30, False, 0)
    assert {line.kind: line.size for line in home.lines}["attachments and items"] == "≈ 4.0 MB"
    page = admin.get("/system").content.decode()
    assert "Kept of each project" in page and "budget of events 210 MB" in page
    assert f"/admin/projects/project/{project.pk}/change/" in page


@pytest.mark.parametrize(
    ("disk", "says"),
    [
        ({"level": "ok", "free_bytes": 9 * 10**9}, ""),
        ({"level": "unknown", "free_bytes": None}, ""),
        ({"level": "high", "free_bytes": 10**9, "low_mark_free_bytes": 3 * 10**9}, "Old data is cleared for room"),
        ({"level": "critical", "free_bytes": 10**7, "critical_mark_free_bytes": 10**8}, "Events are refused (429)"),
    ],
)
def test_the_page_says_when_data_goes_or_is_refused(
    admin: Client, monkeypatch: pytest.MonkeyPatch, disk: dict[str, Any], says: str
) -> None:
    began_at = timezone.now()
    DiskWatch.objects.create(pk=1, began_at=began_at, cleared={"logs": 1200})
    monkeypatch.setattr(views, "standing", lambda: {**disk, "cleared": {"logs": 1200}})
    page = admin.get("/system").content.decode()
    assert (says in page) if says else ("for room" not in page and "(429)" not in page)
    assert ("1,200 of logs" in page) == bool(says)


def test_the_page_of_an_issue_says_how_many_of_its_events_are_kept(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest(*(make_event() for _ in range(3)))
    url = f"/issues/{only_issue().pk}"
    assert "all kept" in admin.get(url).content.decode()
    Event.objects.order_by("pk").first().delete()  # type: ignore[union-attr]
    assert "2 of them kept, the others counted" in admin.get(url).content.decode()
    monkeypatch.setattr(issue_page, "KEPT_COUNTED", 1)
    assert "over 1 of them kept" in admin.get(url).content.decode()
