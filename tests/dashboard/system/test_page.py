import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.projects.builders import make_user
from tradewatch.performance.models import DiskSample
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
GB = 10**9


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("ada", is_superuser=True))
    return client


def grow(*, hours: int, free: int) -> None:
    now = timezone.now()
    for hour in range(hours + 1):
        DiskSample.objects.create(
            at=now - timedelta(hours=hours - hour),
            sizes={"logs": 2 * GB + hour * GB // 24, "metrics": GB},
            free_bytes=free,
            total_bytes=100 * GB,
            is_exact=hour % 2 == 0,
        )


def test_what_lies_there_how_it_grows_and_when_it_is_full(admin: Client, settings) -> None:
    settings.IS_POSTGRES = False
    settings.LOG_RETENTION = timedelta(days=17)
    grow(hours=48, free=20 * GB)
    page = admin.get("/system").content.decode()
    assert "At this rate the disk is full in 20 days" in page and 'class="hero warning' in page
    rows = re.findall(r"<tr><td><b>(\w+)</b>.*?<td class=\"r\">(.*?)</td>.*?<td class=\"r\">(.*?)</td>", page)
    assert rows == [("Logs", "4.0 GB", "+1.0 GB a day"), ("Metrics", "1.0 GB", "still")]
    assert "17 days" in page and "TRADEWATCH_LOG_RETENTION_DAYS" in page


@pytest.mark.parametrize(("free", "tone"), [(6 * GB, "critical"), (29 * GB, "warning"), (60 * GB, "ok")])
def test_the_nearer_the_end_the_louder(admin: Client, settings, free: int, tone: str) -> None:
    settings.IS_POSTGRES = False
    grow(hours=30, free=free)
    assert f'class="hero {tone}' in admin.get("/system").content.decode()


def test_too_little_history_is_said(admin: Client, settings) -> None:
    settings.IS_POSTGRES = False
    assert "No sample yet" in admin.get("/system").content.decode()
    grow(hours=5, free=GB)
    page = admin.get("/system").content.decode()
    assert "Too little history for a forecast: 5 h of samples, 24 h are needed" in page
    assert "no data" in page and "full in" not in page


def test_it_is_for_who_may_see_the_audit_trail(client: Client) -> None:
    assert client.get("/system").status_code == 302
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert client.get("/system").status_code == 403
