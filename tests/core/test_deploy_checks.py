"""`manage.py check --deploy` warns of nothing but what docs/configuration.md gives a reason for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def warnings_of(url: str, home: Path) -> set[str]:
    variables = {"TRADEWATCH_URL": url, "TRADEWATCH_HOME": str(home), "TRADEWATCH_DOTENV": "/nonexistent"}
    command = [sys.executable, "manage.py", "check", "--deploy"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"\((\w+\.[WE]\d+)\)", done.stderr))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://watch.example", set()),
        ("http://127.0.0.1:8000", {"security.W004", "security.W012", "security.W016"}),
    ],
)
def test_each_warning_left_has_its_reason_in_the_documentation(url: str, expected: set[str], tmp_path: Path) -> None:
    assert warnings_of(url, tmp_path) == expected
    text = (ROOT / "docs" / "configuration.md").read_text()
    assert all(warning in text for warning in expected)
