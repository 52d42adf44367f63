"""Management commands against a server's data: in a process of their own, or in a fork of one that has loaded all."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANAGE = str(ROOT / "manage.py")


def run_command(arguments: tuple[str, ...], *, folder: Path, env: Mapping[str, str], timeout: float) -> str:
    """Run it as people do; return what it printed. Raises RuntimeError with both outputs when it fails."""
    command = [sys.executable, MANAGE, *arguments]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=timeout, check=False)
    return _said(arguments, done.returncode, done.stdout, done.stderr)


def _said(arguments: tuple[str, ...], code: int, out: str, err: str) -> str:
    if code:
        raise RuntimeError(f"{arguments} ended with {code}: {out}{err}")
    return out


class Prepared:
    """A loaded process for one environment (see `tests.prepared`). It takes one command at a time."""

    def __init__(self, *, folder: Path, env: Mapping[str, str]) -> None:
        self.folder, self.env = folder, dict(env)
        self._busy = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def run(self, arguments: tuple[str, ...], *, timeout: float) -> str:
        """As `run_command`; while another thread's command runs, that is what it does."""
        if not self._busy.acquire(blocking=False):
            return run_command(arguments, folder=self.folder, env=self.env, timeout=timeout)
        try:
            return self._run(arguments, timeout)
        finally:
            self._busy.release()

    def _run(self, arguments: tuple[str, ...], timeout: float) -> str:
        process = self._process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as err:
            process.stdin.write(json.dumps({"arguments": arguments, "out": out.name, "err": err.name}) + "\n")
            process.stdin.flush()
            late = threading.Timer(timeout, self.stop)
            late.start()
            answer = process.stdout.readline()
            late.cancel()
            if not answer:
                raise RuntimeError(f"{arguments} was not done within {timeout} s: {out.read()}{err.read()}")
            return _said(arguments, int(answer), out.read(), err.read())

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.prepared"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.folder, env=self.env, text=True, start_new_session=True, **pipes)  # type: ignore[call-overload, no-any-return]

    def stop(self) -> None:
        """End it, and whatever it runs."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
