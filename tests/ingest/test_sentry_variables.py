"""Each SENTRY_* variable does what the documentation says: set one way and the other, what is sent shows it.

`PROOFS` holds one function a variable; the first test sees to it that none is missing.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertRule
from alerts.services import judge_error_rates
from alerts.services.judging import judge_occurrences
from tests.ingest.relay.builders import digest, event, relay, transaction_of
from tests.ingest.relay.upstream import Upstream, running_upstream
from tests.projects.builders import bearer, make_project
from tests.servers import ROOT
from tradewatch.errors.models import Event
from tradewatch.errors.rulebook import forget_rules
from tradewatch.errors.status import sentry_options
from tradewatch.facade.client import build_client
from tradewatch.facade.options import read_client_options, read_monitor_options
from tradewatch.ingest.models import RelayEntry
from tradewatch.ingest.relay.relaying import forget_choices
from tradewatch.metrics.models import Counter
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
ROW = re.compile(r"^\| `(SENTRY_\w+)` \|", re.MULTILINE)
GIVEN = {
    "SENTRY_DSN": "https://abc@sentry.example/1",
    "SENTRY_TRACES_SAMPLE_RATE": "0.7",
    "SENTRY_PROFILES_SAMPLE_RATE": "0.6",
    "SENTRY_ENABLE_PERFORMANCE_MONITORING": "false",
    "SENTRY_ENABLE_SESSION_REPLAY": "true",
    "SENTRY_ENVIRONMENT": "paper",
    "SENTRY_ENABLE_ERROR_CLASSIFICATION": "false",
    "SENTRY_ALERT_ON_CRITICAL_ERRORS": "false",
    "SENTRY_ALERT_ON_ERROR_RATE_INCREASE": "false",
    "SENTRY_ERROR_RATE_THRESHOLD": "0.3",
    "SENTRY_ENABLE_CUSTOM_METRICS": "false",
    "SENTRY_METRICS_FLUSH_INTERVAL": "7",
}
PROGRAM = """
import json
from tradewatch import settings
from tradewatch.processes.beat import SCHEDULE
ticks = SCHEDULE["tradewatch.performance.hosts.tasks.collect_own_host"]["schedule"]
named = {name: getattr(settings, name) for name in dir(settings) if name.startswith("SENTRY_")}
print(json.dumps({**named, "ticks": ticks}))
"""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running_upstream() as started:
        yield started
    forget_choices()


@pytest.fixture
def project() -> Project:
    return make_project()


def as_given(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def counted(project: Project, series: str) -> int:
    return sum(
        Counter.objects.filter(project_id=project.pk, series=series, resolution=60).values_list("count", flat=True)
    )


# --- one proof a variable ------------------------------------------------------------------------------------------
def dsn(project: Project, settings: Any, upstream: Upstream) -> None:
    settings.SENTRY_DSN = ""
    digest(project, [("event", event())])
    assert not RelayEntry.objects.exists()
    settings.SENTRY_DSN = upstream.dsn
    sent = event()
    digest(project, [("event", sent)])
    relay()
    assert upstream.ids == [sent["event_id"]]
    assert read_client_options({"SENTRY_DSN": upstream.dsn}).dsn == "", "never where the facade sends"


def traces_sample_rate(project: Project, settings: Any, upstream: Upstream) -> None:
    settings.SENTRY_DSN = upstream.dsn
    for rate, relayed in ((0.0, 0), (1.0, 30)):
        settings.SENTRY_TRACES_SAMPLE_RATE = rate
        digest(project, *[[("transaction", transaction_of())] for _ in range(30)])
        assert RelayEntry.objects.count() == relayed
    assert counted(project, "transactions") == 60, "all that is received counts"
    options = read_client_options({"SENTRY_TRACES_SAMPLE_RATE": "0.7", "TRADEWATCH_DSN": upstream.dsn})
    assert build_client(options).options["traces_sample_rate"] == 0.7
    assert read_monitor_options({"SENTRY_TRACES_SAMPLE_RATE": "0.7"}).traces_sample_rate == 0.7


def profiles_sample_rate(project: Project, settings: Any, upstream: Upstream) -> None:
    settings.SENTRY_DSN, settings.SENTRY_TRACES_SAMPLE_RATE = upstream.dsn, 1.0
    for rate in (0.0, 1.0):
        settings.SENTRY_PROFILES_SAMPLE_RATE = rate
        digest(project, [("transaction", transaction_of()), ("profile", {"version": "1", "profile": {"samples": []}})])
    relay()
    assert sorted(each.types for each in upstream.taken) == [["transaction"], ["transaction", "profile"]]
    options = read_client_options({"SENTRY_PROFILES_SAMPLE_RATE": "0.6", "TRADEWATCH_DSN": upstream.dsn})
    assert build_client(options).options["profiles_sample_rate"] == 0.6


def enable_performance_monitoring(project: Project, settings: Any, upstream: Upstream) -> None:
    span = {"version": 2, "items": [{"trace_id": "a" * 32, "span_id": "b" * 16, "start_timestamp": 1.0}]}
    settings.SENTRY_ENABLE_PERFORMANCE_MONITORING = False
    stats = digest(project, [("transaction", transaction_of()), ("span", span)])
    assert (stats.stored, stats.discarded, counted(project, "transactions")) == (0, 2, 0)
    assert (counted(project, "discarded.transaction"), counted(project, "discarded.span")) == (1, 1)
    settings.SENTRY_ENABLE_PERFORMANCE_MONITORING = True
    stats = digest(project, [("transaction", transaction_of())])
    assert (stats.stored, stats.discarded, counted(project, "transactions")) == (1, 0, 1)


def enable_session_replay(project: Project, settings: Any, upstream: Upstream) -> None:
    def send() -> tuple[int, int]:
        now = time.time()
        replay = {"type": "replay_event", "replay_id": uuid4().hex, "segment_id": 0, "timestamp": now, "urls": []}
        replay |= {"replay_start_timestamp": now - 5, "replay_type": "session", "platform": "javascript"}
        stats = digest(project, [("replay_event", replay)], event_id=replay["replay_id"])
        return stats.stored, stats.discarded

    settings.SENTRY_ENABLE_SESSION_REPLAY = False
    assert send() == (0, 1)
    settings.SENTRY_ENABLE_SESSION_REPLAY = True
    assert send() == (1, 0)


def environment(project: Project, settings: Any, upstream: Upstream) -> None:
    settings.SENTRY_ENVIRONMENT = "paper"
    digest(project, [("event", event())], [("event", event(environment="staging"))])
    assert sorted(Event.objects.values_list("environment", flat=True)) == ["paper", "staging"]
    answer = Client().get("/error-tracking/status", headers=bearer("errors:read")).json()
    assert answer["environment"] == "paper", "and our own"
    assert read_client_options({"SENTRY_ENVIRONMENT": "paper"}).environment == "paper"


def enable_error_classification(project: Project, settings: Any, upstream: Upstream) -> None:
    found = []
    for is_on in (False, True):
        settings.SENTRY_ENABLE_ERROR_CLASSIFICATION = is_on
        forget_rules()
        kind = "ConnectionResetError" if is_on else "ConnectionRefusedError"
        value = {"type": kind, "value": "venue closed the connection: connection reset"}
        digest(project, [("event", event(message=None, exception={"values": [value]}))])
        issue = Event.objects.order_by("-pk")[0].issue
        found.append((issue.category, bool(issue.classified_by)))
    assert found == [("unknown", False), ("network", True)]


def alert_on_critical_errors(project: Project, settings: Any, upstream: Upstream) -> None:
    said = []
    for is_on in (False, True):
        settings.SENTRY_ALERT_ON_CRITICAL_ERRORS = is_on
        digest(project, [("event", event(level="fatal", message=f"halted {is_on}", fingerprint=[str(is_on)]))])
        judge_occurrences(timezone.now())
        said.append(AlertRule.objects.get(name="Critical error", is_default=True).last_reason)
    assert said == ["Switched off by SENTRY_ALERT_ON_CRITICAL_ERRORS.", "Critical error: halted True."]


def alert_on_error_rate_increase(project: Project, settings: Any, upstream: Upstream) -> None:
    fail_one_in_four(project)
    settings.SENTRY_ALERT_ON_ERROR_RATE_INCREASE = False
    judge_error_rates(timezone.now())
    assert rates() == []
    settings.SENTRY_ALERT_ON_ERROR_RATE_INCREASE = True
    judge_error_rates(timezone.now())
    assert rates() == ["Error rate 25%"]


def error_rate_threshold(project: Project, settings: Any, upstream: Upstream) -> None:
    fail_one_in_four(project)
    settings.SENTRY_ERROR_RATE_THRESHOLD = 0.3
    judge_error_rates(timezone.now())
    assert rates() == []
    settings.SENTRY_ERROR_RATE_THRESHOLD = 0.2
    judge_error_rates(timezone.now())
    assert rates() == ["Error rate 25%"]


def enable_custom_metrics(project: Project, settings: Any, upstream: Upstream) -> None:
    def send() -> tuple[int, int, int]:
        point = {"timestamp": time.time(), "trace_id": "a" * 32, "name": "orders", "type": "counter", "value": 1}
        stats = digest(project, [("trace_metric", {"version": 2, "items": [point]})])
        posted = Client().post(
            "/performance/metrics",
            {"metrics": [{"name": "fills", "type": "counter", "value": 1}]},
            content_type="application/json",
            headers=bearer("performance:write"),
        )
        return stats.stored, stats.discarded, posted.status_code

    settings.SENTRY_ENABLE_CUSTOM_METRICS = False
    assert send() == (0, 1, 409)
    settings.SENTRY_ENABLE_CUSTOM_METRICS = True
    assert send() == (1, 0, 202)


def metrics_flush_interval(project: Project, settings: Any, upstream: Upstream) -> None:
    assert started(GIVEN)["ticks"] == 7, "the host's collector"
    assert started({})["ticks"] == 60
    assert read_monitor_options({"SENTRY_METRICS_FLUSH_INTERVAL": "7"}).flush_interval_seconds == 7.0


PROOFS: dict[str, Callable[[Project, Any, Upstream], None]] = {
    "SENTRY_DSN": dsn,
    "SENTRY_TRACES_SAMPLE_RATE": traces_sample_rate,
    "SENTRY_PROFILES_SAMPLE_RATE": profiles_sample_rate,
    "SENTRY_ENABLE_PERFORMANCE_MONITORING": enable_performance_monitoring,
    "SENTRY_ENABLE_SESSION_REPLAY": enable_session_replay,
    "SENTRY_ENVIRONMENT": environment,
    "SENTRY_ENABLE_ERROR_CLASSIFICATION": enable_error_classification,
    "SENTRY_ALERT_ON_CRITICAL_ERRORS": alert_on_critical_errors,
    "SENTRY_ALERT_ON_ERROR_RATE_INCREASE": alert_on_error_rate_increase,
    "SENTRY_ERROR_RATE_THRESHOLD": error_rate_threshold,
    "SENTRY_ENABLE_CUSTOM_METRICS": enable_custom_metrics,
    "SENTRY_METRICS_FLUSH_INTERVAL": metrics_flush_interval,
}


def fail_one_in_four(project: Project) -> None:
    """Transactions of the last five whole minutes, of which a quarter failed."""
    minute = int(time.time()) // 60 * 60
    envelopes = []
    for number in range(40):
        at = minute - 30 - 60 * (number % 5)
        sent = transaction_of(start_timestamp=at - 0.1, timestamp=at)
        sent["contexts"]["trace"]["status"] = "internal_error" if number < 10 else "ok"
        envelopes.append([("transaction", sent)])
    digest(project, *envelopes)


def rates() -> list[str]:
    return list(Alert.objects.filter(title__startswith="Error rate").values_list("title", flat=True))


def started(variables: dict[str, str]) -> Any:
    """Return the settings of a process that is started with these variables."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TRADEWATCH_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**kept, "TRADEWATCH_DOTENV": "/nonexistent", "DJANGO_SETTINGS_MODULE": "tradewatch.settings", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def test_no_variable_is_without_its_proof() -> None:
    documented = ROW.findall(Path(ROOT, "docs/configuration.md").read_text())
    assert sorted(PROOFS) == sorted(documented) == sorted(sentry_options()) == sorted(GIVEN)


def test_each_is_read_from_the_environment_under_its_name() -> None:
    values = started(GIVEN)
    assert {name: as_given(values[name]) for name in GIVEN} == GIVEN


@pytest.mark.usefixtures("inbox")
@pytest.mark.parametrize("name", PROOFS)
def test_the_variable_has_its_effect(name: str, project: Project, settings: Any, upstream: Upstream) -> None:
    PROOFS[name](project, settings, upstream)
