"""The page "What if" over stored minutes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sla.minutes.spreads import pack_hour
from sla.minutes.values import UNIT, Sums
from sla.models import HourSpread, Target, TargetVersion
from sla.queries import versions_of
from sla.services.targets import changed_promise, completed, promise_of
from sla.whatif.answers import answer
from tests.projects.builders import make_project, make_user
from tests.sla.figures.stored import measure_of, store
from tests.sla.promises import SECONDS, a_promise, make_target
from tradewatch.core.actors import SYSTEM
from tradewatch.metrics.histogram import bin_of
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db


def path(target: Target) -> str:
    return f"/admin/sla/target/{target.pk}/what-if/"


def form(**fields: Any) -> dict[str, Any]:
    values = {
        "indicator": "availability", "target_value": "0.99", "warning_threshold": "0.98", "critical_threshold": "0.95",
        "window": "rolling", "window_days": "30", "window_unit": "month", "zone": "UTC", "least_events": "0",
        "night_from": "22:00", "night_to": "07:00", "night_zone": "UTC", "seen": "1",
    }  # fmt: skip
    return {**values, **fields}


def login(client: Client, role: Role) -> None:
    user = make_user("mia")
    add_member(SYSTEM, make_project(), user, role)
    client.force_login(user)


def an_outage(target: Target, *, ago: timedelta, minutes: int = 70, share: float = 0.2) -> None:
    """Quiet traffic of 100 a minute for two days, with an outage in it that failed `share` of the requests."""
    until = int((timezone.now() - ago).timestamp()) // 60 * 60
    bad = round(100 * share)
    counts = {
        at: Sums(100 * UNIT, bad * UNIT, 100, bad, 1) if until - at < minutes * 60 else Sums(100 * UNIT, 0, 100, 0, 1)
        for at in range(until - 2 * 86_400, until + 7200, 60)
    }
    for at in range(until, until + 7200, 60):
        counts[at] = Sums(100 * UNIT, 0, 100, 0, 1)
    store(measure_of(target), counts)


def test_a_looser_target_shows_what_would_be_lost_and_not_only_the_gain(client: Client) -> None:
    target = make_target()
    an_outage(target, ago=timedelta(days=10))
    login(client, Role.VIEWER)
    body = form(target_value="0.9", warning_threshold="0.85", critical_threshold="0.8")
    page = client.post(path(target), body)
    found = page.context["answer"]
    figures = {label: (then, now) for label, then, now in found["figures"]}
    assert figures["Pages"] == (0, 1) and figures["Periods missed"] == ("0 of 3", "0 of 3")
    assert len(found["lost"]) >= 1 and found["new"] == []
    text = page.content.decode()
    assert "Would be lost" in text and "as it is now 1" in text
    assert versions_of(target).count() == 1


def test_a_stricter_one_names_the_periods_that_it_would_have_missed(client: Client) -> None:
    target = make_target()
    an_outage(target, ago=timedelta(days=40), share=0.1)
    login(client, Role.VIEWER)
    found = client.post(path(target), form(target_value="0.9999")).context["answer"]
    missed = [each for each in found["after"] if each["is_missed"]]
    assert len(missed) == 1 and "30 days to" in missed[0]["name"] and missed[0]["value"] != "no data"
    assert not any(each["is_missed"] for each in found["before"])
    assert [each["value"] for each in found["after"]].count("no data") == 2  # said, not taken for met
    assert found["counts"]["new"] >= 1


def test_the_same_values_change_nothing_and_say_so(client: Client) -> None:
    target = make_target()
    an_outage(target, ago=timedelta(days=10))
    login(client, Role.VIEWER)
    page = client.post(path(target), form())
    assert page.context["is_same"] and page.context["answer"]["counts"] == {"lost": 0, "later": 0, "new": 0}


def test_another_threshold_is_read_from_histograms_and_says_so() -> None:
    target = make_target("rt", a_promise("percentile", *SECONDS))
    now = timezone.now()
    start = int((now - timedelta(days=3)).timestamp()) // 3600 * 3600
    bins = {bin_of(0.1): 90, bin_of(0.4): 8, bin_of(0.8): 2}
    store(
        measure_of(target),
        {start + 60 * minute: Sums(100 * UNIT, 10 * UNIT, 100, 10, 1) for minute in range(60)},
        {start: bins, start + 1800: bins},
    )
    HourSpread.objects.create(
        measure=measure_of(target), hour=start // 3600, bins=pack_hour(dict.fromkeys(range(60), bins))
    )
    current = versions_of(target)[0]
    promise = completed(changed_promise(promise_of(current), {"target_value": Decimal("0.5")}))
    found = answer(current, promise, now=now)
    newest = found.after.periods[-1].adjusted
    assert (newest.sums.bad, newest.sums.valid) == (60 * 2 * UNIT, 60 * 100 * UNIT)
    assert newest.is_approximate and newest.value is not None  # the percentile itself is of the same histogram
    assert found.before.periods[-1].adjusted.sums.bad == 60 * 10 * UNIT


def test_what_nobody_counted_before_says_since_when_there_is_data() -> None:
    target = make_target()
    an_outage(target, ago=timedelta(days=40))
    current = versions_of(target)[0]
    promise = changed_promise(promise_of(current), {"definition": {"transaction": "POST /orders"}})
    now = timezone.now()
    found = answer(current, promise, now=now)
    assert found.counted_from > found.start
    assert found.after.sent == () and found.after.periods[-1].adjusted.value is None
    assert len(found.before.sent) >= 1


def test_a_fault_stands_at_its_field(client: Client) -> None:
    target = make_target()
    login(client, Role.MANAGER)
    page = client.post(path(target), form(warning_threshold="0.995", night_zone="Mars"))
    assert set(page.context["form"].errors) == {"night_zone"} and "answer" not in page.context
    page = client.post(path(target), form(warning_threshold="0.995"))
    assert set(page.context["form"].errors) == {"warning_threshold"}


def test_what_was_tried_is_saved_from_there_with_a_reason(client: Client) -> None:
    target = make_target()
    login(client, Role.MANAGER)
    assert 'name="save"' in client.get(path(target)).content.decode()
    refused = client.post(path(target), form(target_value="0.995", save="1"))
    assert set(refused.context["form"].errors) == {"reason"}
    done = client.post(path(target), form(target_value="0.995", save="1", reason="tried it"))
    assert done["Location"] == f"/admin/sla/target/{target.pk}/change/"
    newest = versions_of(target)[0]
    assert (newest.number, newest.target_value, newest.reason) == (2, Decimal("0.995"), "tried it")
    again = client.post(path(target), form(target_value="0.996", save="1", reason="late", seen="1"), follow=True)
    assert "version 2 by mia came first" in again.content.decode()
    assert TargetVersion.objects.filter(target=target).count() == 2


def test_a_viewer_tries_and_does_not_save(client: Client) -> None:
    target = make_target()
    login(client, Role.VIEWER)
    assert 'name="save"' not in client.get(path(target)).content.decode()
    assert client.post(path(target), form(target_value="0.995", save="1", reason="x")).status_code == 403
    assert versions_of(target).count() == 1
