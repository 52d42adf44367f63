"""Lists that matchers choose from: pages hold each alert once, whatever lies between two that fit."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from alerts.models import Alert
from tests.alerts.builders import NOW, make_alert
from tests.projects.builders import make_project, make_user
from tradewatch.dashboard.alerting import listing
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa(client: Client) -> Client:
    make_project()
    client.force_login(make_user("rosa", role=Role.RESPONDER))
    return client


def fill(count: int, *, every: int) -> set[int]:
    """Make alerts, two of each moment, of which each so manieth is of the venue; return the ids of these."""
    base = make_alert(dedup_key="base")
    fields = {"project": base.project, "severity": "error", "category": "system", "source": "s", "last_at": NOW}
    Alert.objects.bulk_create(
        Alert(
            **fields, dedup_key=f"k{n}", title=f"t{n}", starts_at=NOW - n // 2 * timedelta(minutes=1),
            tags={"venue": "lmax" if n % every == 0 else "xtx"},
        )
        for n in range(count)
    )  # fmt: skip
    return set(Alert.objects.filter(tags__venue="lmax").values_list("pk", flat=True))


def pages(client: Client, query: str) -> list[list[int]]:
    """Follow "Older" to the end."""
    found, address = [], f"/alerts?{query}"
    while address:
        context = client.get(address).context
        found.append([line.alert.pk for block in context["blocks"] for line in block.lines])
        following = context.get("older") or ""
        assert len(found) < 50
        address = f"/alerts?{urlsplit(following).query}" if following else ""
        assert not address or "cursor" in parse_qs(urlsplit(following).query)
    return found


@pytest.mark.parametrize(("count", "every"), [(230, 1), (230, 3), (100, 1), (50, 1), (51, 1), (700, 100), (700, 1_000)])
def test_each_alert_that_fits_is_listed_once(rosa: Client, count: int, every: int) -> None:
    wanted = fill(count, every=every)
    found = pages(rosa, "match=venue%3Dlmax")
    listed = [pk for page in found for pk in page]
    assert sorted(listed) == sorted(wanted)
    assert all(len(page) == listing.PAGE_SIZE for page in found[:-1])
    order = [alert.pk for alert in Alert.objects.filter(pk__in=wanted).order_by("-starts_at", "-id")]
    assert listed == order


def test_a_page_ends_where_it_has_looked_far_and_the_next_goes_on(
    rosa: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "READ_AT_ONCE", 20)
    monkeypatch.setattr(listing, "MOST_LOOKED_AT", 60)
    wanted = fill(200, every=90)
    found = pages(rosa, "match=venue%3Dlmax")
    assert len(found) == 4
    assert sorted(pk for page in found for pk in page) == sorted(wanted)
