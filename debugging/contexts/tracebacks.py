"""Frames out of the text of a Python traceback (https://docs.python.org/3/library/traceback.html). Pure."""

import re
from typing import Any

_FRAME = re.compile(r'^\s*File "(?P<path>[^"\n]+)", line (?P<line>\d{1,9})(?:, in (?P<function>.+))?$')
_MARKS = re.compile(r"^[\s~^]+$")  # under the part of a line that failed
MOST_FRAMES = 1000


def frames_of_text(text: str) -> list[dict[str, Any]]:
    """Return the frames, the oldest call first; of several tracebacks in one text those of the last.

    Source lines are taken where the text has them. A text without a frame gives none.
    """
    frames: list[dict[str, Any]] = []
    for line in text.splitlines():
        found = _FRAME.match(line)
        if found is not None and len(frames) < MOST_FRAMES:
            frames.append(_frame(found))
        elif line.startswith("Traceback (most recent call last)"):
            frames = []
        elif frames and "context_line" not in frames[-1] and line.startswith("    ") and not _MARKS.match(line):
            frames[-1]["context_line"] = line
    return frames


def _frame(found: re.Match[str]) -> dict[str, Any]:
    path = found["path"]
    return {
        "filename": path,
        "abs_path": path,
        "lineno": int(found["line"]),
        "function": found["function"] or "<module>",
    }
