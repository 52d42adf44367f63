"""Debian's Prometheus uses us as its Alertmanager, and amtool finds what it expects."""

import contextlib
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.backends import free_port, wait_until
from tests.servers import Server

pytestmark = [pytest.mark.server, pytest.mark.once]
DOCS = Path(__file__).resolve().parents[3] / "docs" / "intake.md"


def config_of_docs(server: Server, token: str) -> dict[str, Any]:
    """The snippet in docs/intake.md, with this server's address in it."""
    snippet = DOCS.read_text().partition("```yaml\n# prometheus.yml\n")[2].partition("```")[0]
    config: dict[str, Any] = yaml.safe_load(snippet)
    [manager] = config["alerting"]["alertmanagers"]
    manager["scheme"] = "http"
    manager["authorization"] = {"type": "Bearer", "credentials": token}
    manager["static_configs"] = [{"targets": [server.url.removeprefix("http://")]}]
    return config


@contextlib.contextmanager
def prometheus(folder: Path, config: dict[str, Any], rules: dict[str, Any]) -> Iterator[int]:
    """Yield the port of a Prometheus that evaluates each second."""
    port = free_port()
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    config["rule_files"] = ["rules.yml"]
    config["global"] = {"evaluation_interval": "1s", "scrape_interval": "1s"}
    config.setdefault("scrape_configs", [])
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    checked = subprocess.run(
        ["promtool", "check", "config", "prometheus.yml"], cwd=folder, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with (folder / "log").open("wb") as log:
        command = [
            "prometheus", "--config.file=prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}", "--web.enable-lifecycle", "--rules.alert.resend-delay=1s",
        ]  # fmt: skip
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def active(server: Server, token: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(f"{server.url}/alerts/active", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        results: list[dict[str, Any]] = json.load(answer)["results"]
        return results


def rule(expression: str) -> dict[str, Any]:
    alert = {
        "alert": "VenueSilent",
        "expr": expression,
        "labels": {"severity": "page", "venue": "lmax"},
        "annotations": {"summary": "No fills from lmax", "description": "for {{ $value }} minutes"},
    }
    return {"groups": [{"name": "venues", "rules": [alert]}]}


def test_a_stock_prometheus_opens_an_alert_and_ends_it(shared_server: Server, tmp_path: Path) -> None:
    token = shared_server.token("alerts:write")

    def fired() -> list[dict[str, Any]]:
        return [alert for alert in active(shared_server, token) if alert["title"] == "No fills from lmax"]

    with prometheus(tmp_path, config_of_docs(shared_server, token), rule("vector(17)")) as port:
        wait_until(fired, what="the alert", seconds=120)
        [alert] = fired()
        assert (alert["severity"], alert["message"], alert["tags"]["venue"]) == ("critical", "for 17 minutes", "lmax")
        (tmp_path / "rules.yml").write_text(yaml.safe_dump(rule("vector(17) > 20")))
        reload = urllib.request.Request(f"http://127.0.0.1:{port}/-/reload", method="POST")
        urllib.request.urlopen(reload, timeout=10)
        wait_until(lambda: not fired(), what="its end", seconds=120)
    assert "status=4" not in (tmp_path / "log").read_text()


def test_amtool_adds_and_finds_alerts(shared_server: Server, tmp_path: Path) -> None:
    token = shared_server.token("alerts:write")
    access = tmp_path / "http.yml"
    access.write_text(yaml.safe_dump({"authorization": {"type": "Bearer", "credentials": token}}))

    def amtool(*arguments: str) -> str:
        command = ["amtool", f"--alertmanager.url={shared_server.url}", f"--http.config.file={access}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "warning" not in done.stderr.lower(), done.stderr
        return done.stdout

    amtool("alert", "add", "DiskFull", "severity=warning", "host=settle-02", "--annotation=summary=Disk 97% full")
    [shown] = json.loads(amtool("-o", "json", "alert", "query", "alertname=DiskFull"))
    assert shown["labels"] == {"alertname": "DiskFull", "severity": "warning", "host": "settle-02"}
    assert json.loads(amtool("-o", "json", "alert", "query", "alertname=DiskFull", "host=other")) == []
    assert "TradeWatch" in amtool("config", "show")
    [alert] = [alert for alert in active(shared_server, token) if alert["title"] == "Disk 97% full"]
    assert alert["severity"] == "warning"
    silence = amtool("silence", "add", "alertname=DiskFull", "host=~settle.*", "--comment=being replaced").strip()
    assert (
        json.loads(amtool("-o", "json", "alert", "query", "alertname=DiskFull")) == []
    )  # it shows what is not silenced
    [silenced] = json.loads(amtool("-o", "json", "alert", "query", "--silenced", "alertname=DiskFull"))
    assert silenced["status"]["silencedBy"] == [silence]
    [held] = json.loads(amtool("-o", "json", "silence", "query", "alertname=DiskFull"))
    assert (held["id"], held["comment"], held["status"]["state"]) == (silence, "being replaced", "active")
    amtool("silence", "expire", silence)
    assert json.loads(amtool("-o", "json", "silence", "query", "alertname=DiskFull")) == []
    assert len(json.loads(amtool("-o", "json", "alert", "query", "alertname=DiskFull"))) == 1
