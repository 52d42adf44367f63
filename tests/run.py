"""Runs the test suite: on SQLite embedded, and what may differ there on PostgreSQL + Redis with several processes.

`python -m tests.run` runs all parts; `python -m tests.run fast` only the decisions over values, which need no database;
`python -m tests.run twice` everything on both. Each part is a pytest of its own: browser tests leave an event
loop in the main thread, and a part on PostgreSQL needs its variables before Django reads its settings.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.backends import running_postgres, running_redis

# Each process gets tests in their order: those that empty the database come last, and take what migrations stored with
# them. A stolen test would come after them.
PLAIN = ["-m", "not server and not browser and not clients", "-n", "2", "--dist", "load", "--maxschedchunk", "2"]
FAST = ["-m", "not slow", "--pure", "-n", "2", "--dist", "worksteal"]
SERVERS = "server and not browser and not clients and not long"
# Of twenty thousand tests on a machine that others keep busy one may wait too short: one more try, and the output names
# who needed it.
SECOND_TRY = ["--reruns", "1", "-r", "R"]
PARTS = {
    "plain tests": [*PLAIN, *SECOND_TRY],
    # These wait more than they compute: two leave two cores idle for two fifths of the time.
    "real servers": ["-m", SERVERS, "-n", "3", "--dist", "worksteal", *SECOND_TRY],
    "real clients": ["-m", "clients and not browser", "-n", "3", "--dist", "worksteal", *SECOND_TRY],
    "browser": ["-m", "browser", "-n", "2", "--dist", "worksteal", *SECOND_TRY],
}
PART_SECONDS = 1800  # a part that hangs is ended, with its servers, and counts as failed
GRACE_SECONDS = 60
_SUMMARY = re.compile(r"RERUN |\d+ passed")
_REPORTS = re.compile(r"^=+ (ERRORS|FAILURES) =+$", re.MULTILINE)
REASONS = {5: "no test was found", -signal.SIGINT: "interrupted", 2: "interrupted or not collected"}


@dataclass(frozen=True)
class Result:
    """How a part ended: pytest's exit code, so 0 means that there were tests and all passed."""

    title: str
    code: int
    seconds: float

    def __str__(self) -> str:
        outcome = "passed" if self.code == 0 else f"FAILED: {REASONS.get(self.code, f'exit code {self.code}')}"
        return f"{self.seconds:6.0f} s  {self.title}: {outcome}"


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["fast"]:
        return run_part("fast tests, without a database", [*FAST, *arguments[1:]], {}).code
    results = list(run_everything(twice=arguments[:1] == ["twice"]))
    print("\n".join(["", "=== all parts", *map(str, results)]))
    print(f"{sum(result.seconds for result in results):6.0f} s  together")
    return 1 if any(result.code for result in results) else 0


def run_everything(*, twice: bool) -> Iterator[Result]:
    """Run all parts. Not `twice`: on PostgreSQL + Redis without the tests that do the same whatever stores the data."""
    for part, options in PARTS.items():
        yield run_part(f"{part}, SQLite embedded", options, {})
    with running_postgres() as database, running_redis() as redis:
        variables = {"DATABASE_URL": database, "REDIS_URL": redis}
        for part, options in PARTS.items():
            more = [] if twice else ["--stored"]
            yield run_part(f"{part}, PostgreSQL + Redis", [*options, *more], variables)


def run_part(title: str, options: list[str], variables: dict[str, str]) -> Result:
    print(f"\n=== {title}", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", *options]
    with tempfile.TemporaryFile("w+", errors="replace") as kept:
        output = None if sys.stdout.isatty() else kept
        process = subprocess.Popen(command, env={**clean_environment(), **variables}, stdout=output, stderr=output)
        code = wait(process)
        kept.seek(0)
        print(telling(kept.read(), failed=code != 0), end="", flush=True)
    result = Result(title, code, time.monotonic() - started)
    print(f"=== {result}", flush=True)
    return result


def telling(output: str, *, failed: bool) -> str:
    """Return what a log needs of pytest's output: who needed a second try; if it failed, all but the dots."""
    if not failed:
        return "".join(line for line in output.splitlines(keepends=True)[-50:] if _SUMMARY.match(line))
    found = _REPORTS.search(output)
    return output[found.start() :] if found else output


def wait(pytest: subprocess.Popen[bytes]) -> int:
    """Return its exit code. One that takes too long is interrupted first, so that fixtures end what they started."""
    try:
        return pytest.wait(PART_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"=== still running after {PART_SECONDS} s: ending it", flush=True)
        pytest.send_signal(signal.SIGINT)
    try:
        return pytest.wait(GRACE_SECONDS) or 1
    except subprocess.TimeoutExpired:
        pytest.kill()
        return pytest.wait()


def clean_environment() -> dict[str, str]:
    """Return the environment without what would point a test at somebody's real install.

    Nor would hundreds of processes compile the same files again, as they must where none is to be written.
    """
    ours = ("SENTRY_", "TRADEWATCH_", "DATABASE_URL", "REDIS_URL", "HOST", "PORT", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
