"""`pip install .` gives the monitored application the client alone."""

import gzip
import json
import os
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.facade.distribution import build_wheel, install, run_with

pytestmark = pytest.mark.slow
PROGRAM = """
from tradewatch.facade.sentry_config import ErrorCategory, ErrorSeverity, sentry_config
try:
    1 / 0
except ZeroDivisionError as error:
    print(sentry_config.capture_error(error=error, level=ErrorSeverity.CRITICAL, category=ErrorCategory.RISK))
from tradewatch.facade.alerting_system import AlertCategory, AlertSeverity, alert_manager
assert alert_manager.create_alert("Disk full", severity=AlertSeverity.CRITICAL, category=AlertCategory.SYSTEM)
assert alert_manager.flush()
from tradewatch.facade.performance_monitor import performance_monitor, track_performance

@track_performance("database_query", threshold=0.0)
def query():
    return 7

with performance_monitor.track_request("GET", "/api/users"):
    assert query() == 7
assert performance_monitor.running
performance_monitor.stop()
from tradewatch.facade.sla_monitor import sla_monitor
assert sla_monitor.update_sla_target("uptime", target_value=0.99, warning_threshold=0.98) == {"version": 2}
assert sla_monitor.get_sla_status() == {"overall": "no_data", "targets": []}
assert "django" not in sys.modules and "psutil" not in sys.modules
assert sentry_config.initialized
"""


class Collector(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CollectorHandler)
        self.received: list[tuple[str, bytes]] = []


class CollectorHandler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"version": 2}')

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("client"))


def test_the_wheel_holds_the_facade_alone(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert "tradewatch/facade/sentry_config.py" in names
    assert [name for name in names if not name.startswith("tradewatch/facade/")] == []


def test_the_installed_client_reports_without_django(wheel: Path, tmp_path: Path) -> None:
    target = install(wheel, tmp_path)
    assert not (target / "django").exists()
    collector = Collector()
    Thread(target=collector.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{collector.server_port}"
    environment = {
        **os.environ,
        "TRADEWATCH_DSN": f"http://key@{address}/7",
        "TRADEWATCH_URL": f"http://{address}",
        "TRADEWATCH_TOKEN": "tw_token",
        "SENTRY_TRACES_SAMPLE_RATE": "1",
    }
    reported = run_with(target, PROGRAM, environment)
    collector.shutdown()
    collector.server_close()
    assert reported.returncode == 0, reported.stderr
    assert len(reported.stdout.strip()) == 32
    assert {path for path, _ in collector.received} == {"/alerts", "/api/7/envelope/", "/sla/targets/uptime/update"}
    sent = b"".join(gzip.decompress(body) for path, body in collector.received if path == "/api/7/envelope/")
    assert all(
        each in sent for each in (b"GET /api/users", b"function.duration", b"tradewatch_threshold", b"process.memory")
    )
    assert json.loads(dict(collector.received)["/alerts"])["title"] == "Disk full"
