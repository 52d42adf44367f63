"""Runs the whole test suite: the same tests on SQLite embedded, and on PostgreSQL + Redis with several processes.

`python -m tests.run` runs all parts; `python -m tests.run fast` only what starts no server, on SQLite. Each part is a
pytest of its own: browser tests leave an event loop in the main thread, and a part on PostgreSQL needs its variables
before Django reads its settings.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.backends import running_postgres, running_redis

PLAIN = "not server and not browser and not clients"
PARTS = [
    ("plain tests", ["-m", PLAIN, "-n", "2"]),
    ("real servers", ["-m", "server and not browser and not clients"]),
    ("real clients", ["-m", "clients and not browser"]),
    ("browser", ["-m", "browser"]),
]


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["fast"]:
        return run_part("plain tests, SQLite", [*PARTS[0][1], *arguments[1:]], {})
    failed = run_backend("SQLite, embedded", {})
    with running_postgres() as database, running_redis() as redis:
        failed += run_backend("PostgreSQL + Redis", {"DATABASE_URL": database, "REDIS_URL": redis})
    print("\n".join(["", "failed parts:", *failed] if failed else ["", "all parts passed"]))
    return 1 if failed else 0


def run_backend(name: str, variables: dict[str, str]) -> list[str]:
    return [f"  {part} on {name}" for part, options in PARTS if run_part(f"{part}, {name}", options, variables)]


def run_part(title: str, options: list[str], variables: dict[str, str]) -> int:
    with heading(title):
        command = [sys.executable, "-m", "pytest", *options]
        code = subprocess.run(command, env={**clean_environment(), **variables}).returncode
    return 0 if code == 5 and "browser" not in title else code  # 5: no test of this kind on this backend


def clean_environment() -> dict[str, str]:
    """Return the environment without what would point a test at somebody's real install."""
    ours = ("SENTRY_", "TRADEWATCH_", "DATABASE_URL", "REDIS_URL", "HOST", "PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@contextlib.contextmanager
def heading(title: str) -> Iterator[None]:
    print(f"\n=== {title}", flush=True)
    started = time.monotonic()
    yield
    print(f"=== {title}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
