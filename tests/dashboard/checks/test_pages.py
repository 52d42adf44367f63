"""The pages of checks: what they say is what the spans and results say."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from alerts.services.judging import judge_occurrences
from tests.performance.checks.builders import MINUTE, SECOND, answered, http_server, make_check
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.panels import Watched, render_dashboard_panels
from tradewatch.dashboard.checks.panel import checks_panel
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.models import Check, CheckResult
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
INLINE = re.compile(r"<style|\sstyle=|\son\w+=")


@pytest.fixture
def jonas(client: Client):
    user = make_user("jonas", role=Role.RESPONDER)
    client.force_login(user)
    return user


def run_for(check: Check, levels: str, *, every: timedelta = MINUTE) -> None:
    """Let the check have had these outcomes, the last one just now."""
    now = timezone.now()
    known = {"o": Level.OK, "x": Level.FAILED, "s": Level.SLOW}
    for number, letter in enumerate(levels):
        answered(check, known[letter], now - every * (len(levels) - 1 - number))


def test_the_list_shows_each_check_what_is_wrong_first(client: Client, jonas) -> None:
    good, bad = make_check(name="Archive", address="https://archive.example/"), make_check(name="Zulu feed")
    make_check(name="Never asked")
    run_for(good, "o" * 20)
    run_for(bad, "o" * 10 + "x" * 10)
    html = client.get("/checks").content.decode()
    assert html.index("Zulu feed") < html.index("Never asked") < html.index("Archive")
    assert "Of 3 checks: 1 down, 1 without data" in html
    assert "connection refused, since 9 min" in html and "no answer yet" in html
    assert "GET https://archive.example/, every 1 min" in html
    lines = dict(zip(("bad", "new", "good"), html.split('class="uptime"')[1:], strict=True))
    # 19 known minutes each: ten up and nine down of one, all up of the other
    assert re.findall(r"(\d+[.\d]*%)<", lines["bad"])[:3] == ["52.63%"] * 3
    assert re.findall(r"(\d+[.\d]*%)<", lines["good"])[:3] == ["100%"] * 3
    assert lines["new"].count('class="n"') == 90 and "%" not in re.sub(r"<[^>]*>", "", lines["new"])
    shown = lines["good"].count("f-ok"), lines["bad"].count("f-ok") + lines["bad"].count("f-crit")
    assert set(shown) <= {29, 30}  # bars of 40 s: how many 19 minutes touch depends on where they begin
    assert not INLINE.search(html)


def test_without_a_check_the_list_says_what_one_is(client: Client, jonas) -> None:
    html = client.get("/checks").content.decode()
    assert "No check yet" in html and "/admin/performance/check/add/" not in html
    mia = make_user("mia")
    add_member(SYSTEM, make_project(), mia, Role.MANAGER)
    client.force_login(mia)
    assert "/admin/performance/check/add/" in client.get("/checks").content.decode()


def test_a_page_tells_the_outage_its_length_and_its_alert(client: Client, jonas) -> None:
    check = make_check(tls_days=14)
    run_for(check, "ooooooxxxxxxoooooo")
    judge_occurrences(timezone.now())  # the outage was over by then: nothing opens
    assert not Alert.objects.exists()
    html = client.get(f"/checks/{check.pk}").content.decode()
    assert ">6 min</b>" in html and "connection refused" in html and "lasts" not in html
    assert html.count('<td><span class="badge bad">Failed</span></td>') == 6
    assert "12 / 18" not in html and "64.7" in html  # 11 of 17 known minutes
    now = timezone.now()
    for number in range(3):
        answered(check, Level.FAILED, now + (number + 1) * SECOND)
    judge_occurrences(now + 9 * SECOND)
    alert = Alert.objects.get()
    html = client.get(f"/checks/{check.pk}").content.decode()
    assert "Down: connection refused" in html and f'href="/alerts/{alert.pk}"' in html and ">lasts<" in html
    assert not INLINE.search(html)


def test_history_is_paged_and_narrowed_to_failures(client: Client, jonas) -> None:
    check = make_check(interval_seconds=10, timeout_seconds=5)
    run_for(check, "ox" * 40, every=timedelta(seconds=10))
    html = client.get(f"/checks/{check.pk}").content.decode()
    assert html.count('<td class="num nowrap">') == 30
    older = re.search(r'href="([^"]+)" rel="next"', html)[1].replace("&amp;", "&")
    seen = client.get(older).content.decode()
    assert seen.count('<td class="num nowrap">') == 30 and seen != html
    failures = client.get(f"/checks/{check.pk}?show=failures").content.decode()
    assert failures.count(">Failed</span></td>") == 30 and ">Good</span></td>" not in failures
    assert client.get(f"/checks/{check.pk}?cursor=nonsense").status_code == 400


def test_a_button_asks_at_once_and_says_the_answer(client: Client, jonas, settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with http_server((503, {}, b"")) as server:
        check = make_check(address=server.url)
        said = client.post(f"/dashboard/actions/checks/{check.pk}/run", headers={"Accept": "application/json"}).json()
    assert said == {"text": "Failed, status 503, expected 200-299: Custody API", "undo": None, "failed": False}
    assert CheckResult.objects.get().detail == "status 503, expected 200-299"


def test_it_is_paused_with_a_reason_and_resumed(client: Client, jonas) -> None:
    check = make_check()
    path = f"/dashboard/actions/checks/{check.pk}"
    client.post(f"{path}/pause", {"reason": "migration until 15:00"})
    assert "Paused by jonas: migration until 15:00" in client.get(f"/checks/{check.pk}").content.decode()
    client.post(f"{path}/resume")
    check.refresh_from_db()
    assert (check.state, check.paused_reason) == ("unknown", "") and check.next_due_at is not None
    assert client.post(f"{path}/nonsense").status_code == 404


def test_a_viewer_looks_and_presses_nothing(client: Client) -> None:
    client.force_login(make_user("vic", role=Role.VIEWER))
    check = make_check()
    assert client.get(f"/checks/{check.pk}").status_code == 200
    for name in ("run", "pause"):
        said = client.post(f"/dashboard/actions/checks/{check.pk}/{name}", headers={"Accept": "application/json"})
        assert said.json()["failed"]
    check.refresh_from_db()
    assert check.state == "unknown" and not CheckResult.objects.exists()


def test_another_projects_check_is_unknown(client: Client, jonas) -> None:
    check = make_check(project=make_project("theirs"), name="Their secret")
    assert client.get(f"/checks/{check.pk}").status_code == 404
    assert client.post(f"/dashboard/actions/checks/{check.pk}/run").status_code == 404
    assert "Their secret" not in client.get("/checks").content.decode()


def test_the_dashboard_shows_the_worst_six() -> None:
    now = timezone.now()
    watched = Watched((make_project().pk,), "", now - timedelta(hours=1), now, now)
    assert checks_panel(watched) is None
    for number in range(8):
        run_for(make_check(name=f"Service {number}"), "o" if number != 7 else "x")
    cache.clear()
    html = checks_panel(watched) or ""
    assert html.index("Service 7") < html.index("Service 0") and "Service 6" not in html
    assert "Of 8 checks: 1 down" in html and not INLINE.search(html)
    assert any(panel.key == "panel-checks" and panel.html for panel in render_dashboard_panels(watched))


def test_what_answers_late_or_not_lately_is_no_data(client: Client, jonas) -> None:
    check = make_check()
    answered(check, Level.OK, timezone.now() - timedelta(hours=2))
    html = client.get("/checks").content.decode()
    assert "1 without data" in html and "no recent answer" in html
    check = make_check(name="Down when it was last asked")
    answered(check, Level.FAILED, timezone.now() - timedelta(hours=2))
    html = client.get(f"/checks/{check.pk}").content.decode()
    assert "lasts" not in html and ">No data</span>" in html
