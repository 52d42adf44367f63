"""Several workers at once, in processes of their own, on a database that they share: nothing twice, nothing lost."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.alerts.mailbox import Mailbox
from tests.alerts.together import KEYS, NEWS_PER_KEY
from tests.servers import ROOT, fresh_database

pytestmark = pytest.mark.server


@pytest.fixture
def environment(mailbox: Mailbox, settings, tmp_path: Path) -> Iterator[dict[str, str]]:
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tradewatch.settings",
        "TRADEWATCH_HOME": str(tmp_path),
        "TRADEWATCH_DOTENV": "/nonexistent",
        "TRADEWATCH_SMTP_HOST": settings.EMAIL_HOST,
        "TRADEWATCH_SMTP_PORT": str(settings.EMAIL_PORT),
        "TRADEWATCH_SMTP_TLS": "false",
        "TRADEWATCH_ALERT_MAIL_TO": "desk@example.com",
    }
    if not django_settings.IS_POSTGRES:
        yield {**variables, "DATABASE_URL": f"sqlite:///{tmp_path / 'together.sqlite3'}"}
        return
    with fresh_database(os.environ["DATABASE_URL"]) as url:
        yield {**variables, "DATABASE_URL": url}


def start(environment: dict[str, str], call: str) -> subprocess.Popen[str]:
    code = f"import django; django.setup(); from tests.alerts import together; together.{call}"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors[-3000:]
    return output


def test_workers_that_judge_deliver_and_resolve_at_once(environment: dict[str, str], mailbox: Mailbox) -> None:
    finish(start(environment, "prepare()"))
    workers = [start(environment, f"work(resolves={resolves})") for resolves in (True, False, False)]
    for worker in workers:
        finish(worker)
    facts = json.loads(finish(start(environment, "report()")))

    assert facts["unjudged"] == 0
    assert sorted(key for key, _, _ in facts["alerts"]) == sorted(f"issue:{number}" for number in range(KEYS))
    assert {count for _, count, _ in facts["alerts"]} == {NEWS_PER_KEY}
    assert sum(state == "resolved" for _, _, state in facts["alerts"]) == KEYS // 2

    assert {state for *_, state in facts["notifications"]} <= {"sent", "superseded"}
    told = {(key, event) for _, key, event, state in facts["notifications"] if state == "sent"}
    for key, _, state in facts["alerts"]:
        heard_of_it, heard_the_end = (key, "firing") in told, (key, "resolved") in told
        assert heard_the_end == (heard_of_it and state == "resolved")

    arrived = Counter(str(mail["Message-ID"]) for mail in mailbox.mails)
    sent = [pk for pk, _, _, state in facts["notifications"] if state == "sent"]
    assert len(arrived) == len(sent)
    assert set(arrived.values()) == {1}
