"""`pip install .` gives the monitored application the client alone."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
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

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Built from a copy: setuptools writes its build folder into the source tree.
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "tradewatch", source / "tradewatch", ignore=shutil.ignore_patterns("__pycache__"))
    wheels = tmp_path_factory.mktemp("wheels")
    pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(source))
    [built] = wheels.glob("tradewatch_client-*.whl")
    return built


def pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True, timeout=300)


def test_the_wheel_holds_the_facade_alone(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert "tradewatch/facade/sentry_config.py" in names
    assert [name for name in names if not name.startswith("tradewatch/facade/")] == []


def test_the_installed_client_reports_without_django(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    pinned = tmp_path / "pinned.txt"  # the versions that this run tests with; pip takes no extras in constraints
    pinned.write_text(
        "\n".join(line for line in (ROOT / "requirements.txt").read_text().splitlines() if "[" not in line)
    )
    pip("install", "--target", str(target), "--constraint", str(pinned), str(wheel))
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
    # -I and -S: no folder of this checkout and no site-packages of this environment.
    reported = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, str(target)],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    collector.shutdown()
    collector.server_close()
    assert reported.returncode == 0, reported.stderr
    assert len(reported.stdout.strip()) == 32
    assert {path for path, _ in collector.received} == {"/alerts", "/api/7/envelope/"}
    sent = b"".join(gzip.decompress(body) for path, body in collector.received if path == "/api/7/envelope/")
    assert all(
        each in sent for each in (b"GET /api/users", b"function.duration", b"tradewatch_threshold", b"process.memory")
    )
    assert json.loads(dict(collector.received)["/alerts"])["title"] == "Disk full"
