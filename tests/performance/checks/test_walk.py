"""The whole way: a server goes away and comes back, the check says so, and an alert opens and ends."""

from datetime import timedelta

import pytest

from alerts.models import Alert
from alerts.services.judging import judge_occurrences
from tests.backends import free_port
from tests.performance.checks.builders import http_server, make_check
from tradewatch.core.actors import SYSTEM
from tradewatch.performance.checks.choices import CheckState
from tradewatch.performance.checks.services import run_now
from tradewatch.performance.models import CheckResult

pytestmark = pytest.mark.django_db


def test_a_server_goes_down_and_comes_back(settings, django_capture_on_commit_callbacks) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    port = free_port()
    check = make_check(address=f"http://127.0.0.1:{port}/health", retries=1, recoveries=1)
    with http_server(port=port):
        assert run_now(SYSTEM, check).detail == "200 OK"
    check.refresh_from_db()
    assert check.state == CheckState.UP
    assert [run_now(SYSTEM, check).detail for _ in range(2)] == ["connection refused"] * 2
    judge_occurrences(check.known_at)
    check.refresh_from_db()
    assert check.state == CheckState.DOWN
    alert = Alert.objects.get()
    assert (alert.title, alert.state, alert.dedup_key) == ("Custody API: down", "firing", f"check:{check.pk}")
    assert "connection refused" in alert.message and alert.link == f"/checks/{check.pk}"
    with http_server(port=port):
        run_now(SYSTEM, check)
    alert.refresh_from_db()
    assert (alert.state, alert.ending.partition(",")[0]) == ("resolved", "Ended: Custody API: down")
    assert list(CheckResult.objects.order_by("id").values_list("level", flat=True)) == ["ok", "failed", "failed", "ok"]
    assert check.results.first().at - check.results.last().at < timedelta(minutes=1)
