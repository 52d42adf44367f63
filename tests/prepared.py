"""`python -m tests.prepared`: TradeWatch loaded once, and a fork of it for each management command that is asked for.

Loading takes seconds of processor time, a fork milliseconds: most of what tests with real servers took was spent there.
In: lines of JSON, {"arguments": [...], "out": path, "err": path}. Out: a line with the command's exit code for each.
"""

import json
import os
import sys
import threading
from typing import Any, NoReturn

import django
from django.core.management import execute_from_command_line
from django.urls import get_resolver


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")
    django.setup()
    len(get_resolver().url_patterns)  # each command's system checks load them
    if threading.active_count() > 1:
        sys.exit(f"a fork would lose these threads: {threading.enumerate()}")
    for line in sys.stdin:
        child = os.fork() or run(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def run(asked: dict[str, Any]) -> NoReturn:
    """Be the command in this fork, with files in place of the pipes."""
    for path, stream, flags in (
        (os.devnull, 0, os.O_RDONLY),
        (asked["out"], 1, os.O_WRONLY),
        (asked["err"], 2, os.O_WRONLY),
    ):
        os.dup2(os.open(path, flags), stream)
    code = 1
    try:
        execute_from_command_line(["manage.py", *asked["arguments"]])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
