"""The snippets of docs/connect.md, run as they stand, with the server's own DSN in place of the page's."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.clients.stored import ask
from tests.servers import ROOT, Server

pytestmark = [pytest.mark.clients, pytest.mark.once]

PAGE_DSN, PAGE_URL, PAGE_KEY = "http://KEY@127.0.0.1:8000/1", "http://127.0.0.1:8000", "KEY"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall((ROOT / "docs" / "connect.md").read_text())
[ALERT_BLOCK] = [code for _, code in BLOCKS if "create_alert" in code]
EVENT_BLOCKS = [(language, code) for language, code in BLOCKS if code != ALERT_BLOCK]
EVENT_COUNT = "from tradewatch.errors.models import Event; print(Event.objects.count())"


def for_server(code: str, server: Server) -> str:
    dsn = server.dsn
    with_dsn = code.replace(PAGE_DSN, dsn)
    return with_dsn.replace(PAGE_URL, server.url).replace(
        f"sentry_key={PAGE_KEY}", f"sentry_key={urlsplit(dsn).username}"
    )


def command_for(language: str, code: str) -> list[str]:
    return {
        "python": [sys.executable, "-c", code],
        "javascript": ["node", "--input-type=module", "-e", code],
        "sh": ["sh", "-c", code],
    }[language]


def test_the_page_has_a_snippet_for_each_way() -> None:
    assert [language for language, _ in EVENT_BLOCKS] == ["python", "python", "javascript", "sh", "sh"]


def test_the_snippet_of_alerts_opens_one_and_ends_it(shared_server: Server) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TRADEWATCH_URL": shared_server.url,
        "TRADEWATCH_TOKEN": shared_server.token("alerts:write"),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    code = f"memory_percent = 93\n{textwrap.dedent(ALERT_BLOCK)}"
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    alerts = "from alerts.models import Alert; print(Alert.objects.filter(source='monitoring_system').count())"
    assert ask(shared_server, alerts) == 1


@pytest.mark.parametrize(("language", "code"), EVENT_BLOCKS, ids=["sdk", "facade", "node", "sentry-cli", "curl"])
def test_a_snippet_sends_one_event(language: str, code: str, shared_server: Server, node_folder: Path) -> None:
    shared_server.drain()
    before = ask(shared_server, EVENT_COUNT)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    ran = subprocess.run(
        command_for(language, for_server(textwrap.dedent(code), shared_server)),
        cwd=node_folder if language == "javascript" else ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    shared_server.drain()
    assert ask(shared_server, EVENT_COUNT) == before + 1
