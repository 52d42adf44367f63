"""A deployment's page, and the pages that lead to it, with looks as taking them writes them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from releases.choices import DeploymentState
from releases.rollbacks.services import request_rollback
from tests.dashboard.builders import make_alert, make_issue
from tests.dashboard.releases.deployment.builders import (
    BETTER,
    FEW,
    SAME,
    errors,
    evidence,
    issue,
    latency,
    make_look,
    share,
)
from tests.dashboard.releases.test_pages import text
from tests.projects.builders import make_project, make_user
from tests.releases.builders import MINUTE, make_deployment, see
from tradewatch.core.actors import SYSTEM
from tradewatch.core.panels import Watched
from tradewatch.dashboard.releases.panel import deployed_panel
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture(autouse=True)
def mia(client: Client) -> None:
    client.force_login(make_user("mia", role=Role.RESPONDER))


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def bad(now: Any) -> Any:
    """Return a deployment twenty minutes ago that made POST /orders fail."""
    before = make_deployment("2.0.0", started_at=now - timedelta(days=4))
    row = make_deployment("2.0.1", started_at=now - 20 * MINUTE, previous=before)
    few = evidence(
        "insufficient", errors=(errors(finding=FEW, after=share(3, 38), before=share(0, 41), smallest=0.091),)
    )
    make_look(row, few, minutes=5)
    same = tuple(errors(f"GET /{n}", SAME, after=share(1, 200 + n), q=1.0) for n in range(12))
    brought = issue(make_issue(title="KeyError: 'institutional'").pk, title="KeyError")
    found = evidence(
        errors=(errors(), *same), latencies=(latency(finding=BETTER, shift=0.7, a12=0.4),), issues=(brought,)
    )
    make_look(row, found, minutes=15)
    return row


def html(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_page_says_what_got_worse_from_what_to_what(client: Client, bad: Any) -> None:
    found = text(client, bad.get_absolute_url())
    for said in (
        "Unhealthy",
        "Errors on POST /orders went from 0.40% to 2.11% after this deployment.",
        "312 of 14,800 requests, before 59 of 14,752.",
        "Insufficient data after 5 min, unhealthy after 15 min.",
        "5.3x, at least 4.0x; 253 more failures; p &lt; 0.0001",
        "30% faster, A12 0.40",
        "New issues",
        "due in 4",
    ):
        assert said in found, said


def test_new_issues_are_links(client: Client, bad: Any) -> None:
    assert re.search(r'<a href="/issues/\d+">KeyError</a> 10', html(client, bad.get_absolute_url()))


def test_looks_are_links_that_need_no_script(client: Client, bad: Any) -> None:
    page = html(client, f"{bad.get_absolute_url()}?window=24h")
    assert 'href="?window=24h&amp;look=5#compared"' in page
    assert '<span class="btn s is-off" aria-disabled="true">60 min</span>' in page
    earlier = text(client, f"{bad.get_absolute_url()}?look=5")
    assert "only a rise to 9.1% or more would have shown" in earlier and "Too few" in earlier
    assert "went from 0.40% to 2.11%" in earlier  # what the page is about stays
    assert "Before and after" in text(client, f"{bad.get_absolute_url()}?look=odd")


def test_what_did_not_change_is_folded_until_it_is_asked_for(client: Client, bad: Any) -> None:
    page = html(client, bad.get_absolute_url())
    assert "GET /11" in page and "GET /0<" not in page and "6 more that did not change" in page
    assert 'href="?look=15&amp;all=1#compared"' in page
    assert "GET /0<" in html(client, f"{bad.get_absolute_url()}?look=15&all=1")


def test_alerts_since_are_shown(client: Client, bad: Any, now: Any) -> None:
    alert = make_alert(title="Error rate 2.1% on POST /orders", starts_at=now - 12 * MINUTE)
    assert f"/alerts/{alert.pk}" in html(client, bad.get_absolute_url())
    assert "firing 12 min" in text(client, bad.get_absolute_url())


def test_a_healthy_one_says_so_quietly_and_one_without_traffic_says_what_would_have_shown(
    client: Client, now: Any
) -> None:
    good = make_deployment("2.0.1", started_at=now - 20 * MINUTE)
    make_look(good, evidence("healthy", errors=(errors(finding=SAME, q=1.0),), requests_after=14_800))
    found = text(client, good.get_absolute_url())
    assert "Nothing got worse after this deployment." in found and "hero critical" not in html(client, "/releases")
    good.looks.all().delete()
    make_look(good, evidence("healthy", errors=(errors(finding=SAME, risk_ratio=1.4),), requests_after=14_800))
    assert "Nothing got worse by as much as counts after" in text(client, good.get_absolute_url())
    quiet = make_deployment("2.0.2", started_at=now - 10 * MINUTE)
    make_look(quiet, evidence("insufficient"), minutes=5)
    found = text(client, quiet.get_absolute_url())
    assert "Too little traffic to tell how it does." in found and "No request was measured on either side." in found


def test_before_the_first_look_the_page_says_when_it_is_due(client: Client, now: Any) -> None:
    row = make_deployment("2.0.1", started_at=now - 4 * MINUTE)
    found = text(client, row.get_absolute_url())
    assert "No verdict yet" in found and "due in" in found and "Before and after" not in found


def test_what_failed_has_no_looks_and_cost_nothing(client: Client, now: Any) -> None:
    row = make_deployment(state=DeploymentState.FAILED, started_at=now - 20 * MINUTE)
    found = text(client, row.get_absolute_url())
    assert "It failed" in found and "Looks" not in found and "What it cost" not in found


def test_the_list_opens_with_what_is_unhealthy_and_leads_to_the_offer(client: Client, bad: Any) -> None:
    see("api@2.0.1", at=bad.started_at)
    found = text(client, "/releases")
    assert "2.0.1 in production is unhealthy" in found and "Open the rollback offer" in found
    assert "errors 0.4% -&gt; 2.1% on POST /orders" in found
    page = html(client, "/releases")
    assert page.count('<span class="badge bad">Unhealthy</span>') == 2  # its card and its line
    bad.kept_at = timezone.now()
    bad.save()
    assert "is unhealthy" not in text(client, "/releases")


def test_the_dashboard_leads_to_the_offer(client: Client, bad: Any, now: Any) -> None:
    watched = Watched((make_project().pk,), "", now - timedelta(hours=1), now, now, {})
    panel = str(deployed_panel(watched))
    assert '<span class="badge bad">Unhealthy</span>' in panel and "Rollback offer" in panel
    bad.kept_at = now
    bad.save()
    cache.clear()
    assert "Rollback offer" not in str(deployed_panel(watched))


def test_an_offer_that_was_taken_is_not_made_again(client: Client, bad: Any, now: Any) -> None:
    assert "The way back is 2.0.0" in text(client, "/releases")
    request_rollback(SYSTEM, bad.pk, reason="too many refused", now=now)
    found = text(client, "/releases")
    assert "2.0.1 in production is unhealthy" in found
    assert "rollback offer" not in found and "Open the deployment" in found
    watched = Watched((make_project().pk,), "", now - timedelta(hours=1), now, now, {})
    assert "Rollback offer" not in str(deployed_panel(watched))


def test_hostile_names_in_evidence_are_shown_as_text(client: Client, now: Any) -> None:
    row = make_deployment(HOSTILE, environment="production", started_at=now - 20 * MINUTE, deployed_by=HOSTILE)
    make_alert(title=HOSTILE, starts_at=now - MINUTE)
    brought = issue(make_issue(title=HOSTILE).pk, title=HOSTILE)
    make_look(row, evidence(errors=(errors(HOSTILE),), latencies=(latency(HOSTILE),), issues=(brought,)))
    for path in (row.get_absolute_url(), "/releases", f"{row.get_absolute_url()}?look={HOSTILE}&all=1"):
        page = html(client, path)
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page and "<img src=x" not in page


def test_evidence_of_another_version_of_tradewatch_does_not_break_the_page(client: Client, now: Any) -> None:
    row = make_deployment(started_at=now - 20 * MINUTE)
    make_look(row, evidence={"before": "odd"}, summary="errors 0.4% -> 2.1%")
    found = text(client, row.get_absolute_url())
    assert "cannot be shown" in found and "errors 0.4% -&gt; 2.1%" in found


def test_others_see_nothing(client: Client, bad: Any) -> None:
    client.force_login(make_user("eve"))
    assert client.get(bad.get_absolute_url()).status_code in (302, 403, 404)


def test_the_page_asks_the_database_a_bounded_number_of_times(
    client: Client, bad: Any, django_assert_max_num_queries: Any
) -> None:
    client.get(bad.get_absolute_url())
    with django_assert_max_num_queries(70):
        client.get(bad.get_absolute_url())
