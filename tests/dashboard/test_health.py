from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tradewatch.core import pulse
from tradewatch.core.backup_state import BackupState
from tradewatch.dashboard import health
from tradewatch.dashboard.health import Indicator
from tradewatch.inbox.queries import DigestState

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
GB = 10**9


def ago(**length: int) -> datetime:
    return NOW - timedelta(**length)


def state(**fields: Any) -> DigestState:
    return DigestState(**{"digested": 2100, "pending": 0, "dead": 0, "last_digested_at": ago(seconds=12), **fields})


def worker(waited: timedelta | None = None, **fields: Any) -> Indicator:
    return health.judge_worker(state(**fields), waited, now=NOW)


def mail(*states: str, host: str = "smtp", sent: datetime | None = None) -> Indicator:
    return health.judge_mail(host, "/var/mails", list(states), sent, now=NOW)


@pytest.mark.parametrize(
    ("line", "expected", "says"),
    [
        (health.judge_inbox(0, None), "ok", "nothing waits"),
        (health.judge_inbox(3, timedelta(seconds=2)), "ok", "3 envelopes waiting, the oldest 2 s"),
        (health.judge_inbox(3, timedelta(seconds=40)), "warning", "the oldest 40 s"),
        (health.judge_inbox(3, timedelta(minutes=6)), "critical", "the oldest 6 min"),
        (worker(), "ok", "digested last 12 s ago, 2,100 so far"),
        (worker(last_digested_at=None), "none", "nothing to digest yet"),
        (worker(timedelta(seconds=40)), "critical", "has not digested for 40 s"),
        (worker(last_digested_at=ago(days=3)), "ok", "3 d ago"),  # nothing came since: that is no fault
        (health.judge_clock(None, now=NOW), "none", "has not run yet"),
        (health.judge_clock(ago(seconds=16), now=NOW), "ok", "ran 16 s ago"),
        (health.judge_clock(ago(minutes=3), now=NOW), "critical", "last ran 3 min ago"),
        (health.judge_clock(ago(minutes=-60), now=NOW), "critical", "last ran 1 h in the future"),  # it was set back
        (health.judge_backup(BackupState("off", "no scheduled backups")), "none", "no scheduled backups"),
        (health.judge_backup(BackupState("ok", "made 3 h ago")), "ok", "3 h ago"),
        (health.judge_backup(BackupState("overdue", "made 3 days ago")), "critical", "3 days ago"),
        (health.judge_disk(212 * GB, 500 * GB), "ok", "212 GB free of 500 GB"),
        (health.judge_disk(4 * GB, 500 * GB), "warning", "4.0 GB free"),
        (health.judge_disk(GB, 10 * GB), "warning", "1.0 GB free"),
        (health.judge_disk(GB // 3, 10 * GB), "critical", "333 MB free"),
        (health.judge_edge(0, {}), "none", "no request in the last hour"),
        (health.judge_edge(1200, {}), "ok", "1,200 taken in the last hour"),
        (health.judge_edge(0, {403: 2, 401: 1}), "ok", "3 refused (401: 1, 403: 2)"),
        (health.judge_edge(10, {503: 1}), "warning", "1 refused (503: 1)"),
        (health.judge_dead(0), "ok", "none"),
        (health.judge_dead(2), "warning", "2 envelopes could not be read"),
        (mail(host=""), "none", "not set up: mails become files in /var/mails"),
        (mail(), "none", "none has been sent yet"),
        (mail("sent", sent=ago(minutes=4)), "ok", "last sent 4 min ago"),
        (mail("sent", "failed", sent=ago(minutes=4)), "warning", "1 of the last 2 deliveries failed"),
        (mail("failed", "sent", sent=ago(minutes=4)), "critical", "1 of the last 2 deliveries failed"),
    ],
)
def test_what_is_known_is_judged_and_what_is_not_is_called_unknown(line: Indicator, expected: str, says: str) -> None:
    assert line.state == expected
    assert says in line.text


@pytest.mark.parametrize(
    ("states", "worst"),
    [("ok ok", "ok"), ("ok none", "none"), ("none warning", "warning"), ("warning critical ok", "critical")],
)
def test_the_worst_line_speaks_for_all(states: str, worst: str) -> None:
    assert health.worst_of([Indicator("x", each, "") for each in states.split()]) == worst


@pytest.mark.django_db
def test_every_line_is_there_on_a_fresh_install_and_none_claims_what_it_cannot_know(inbox: Path) -> None:
    now = timezone.now()
    lines = {line.name: line for line in health.health(now)}
    assert list(lines) == ["Database", "Inbox", "Worker", "Clock", "Mail", "Disk", "Ingest", "Dead letters", "Backup"]
    assert (lines["Database"].state, lines["Worker"].state, lines["Clock"].state) == ("ok", "none", "none")
    pulse.beat(now)
    assert {line.name: line.state for line in health.health(now)}["Clock"] == "ok"
