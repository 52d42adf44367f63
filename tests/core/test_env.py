"""Options: each kind of bad value is named, `.env.example` and the documentation know every option."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tradewatch import settings as product
from tradewatch.core.env import Options, read_options

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^#([A-Z][A-Z_]+)=(.*)$", re.MULTILINE)


def read(value: str, reader: Callable[[Options], object]) -> object:
    options = Options({"OPTION": value})
    result = reader(options)
    options.finish()
    return result


@pytest.mark.parametrize(
    ("reader", "value", "result"),
    [
        (lambda o: o.flag("OPTION", default=False), "Yes", True),
        (lambda o: o.flag("OPTION", default=True), " off ", False),
        (lambda o: o.flag("OPTION", default=True), "", False),
        (lambda o: o.number("OPTION", default=1), " 12 ", 12),
        (lambda o: o.ratio("OPTION", default=0.5), "1", 1.0),
        (lambda o: o.text("OPTION", choices=("A", "B")), "B", "B"),
        (lambda o: o.names_list("OPTION"), "a, b,,", ["a", "b"]),
        (lambda o: o.networks("OPTION"), "10.0.0.0/8, ::1", ["10.0.0.0/8", "::1"]),
        (lambda o: o.url("OPTION", schemes=("redis",)), "redis://h/0", "redis://h/0"),
        (lambda o: o.path("OPTION", default=Path("x")), "/tmp", Path("/tmp").resolve()),
        (lambda o: o.secret("OPTION"), " s ", "s"),
    ],
)
def test_a_good_value_is_read(reader: Callable[[Options], object], value: str, result: object) -> None:
    assert read(value, reader) == result


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (lambda o: o.flag("OPTION", default=False), "maybe", "true or false"),
        (lambda o: o.number("OPTION", default=1), "x", "a whole number"),
        (lambda o: o.number("OPTION", default=1), "1.5", "a whole number"),
        (lambda o: o.number("OPTION", default=1, at_least=1), "0", "1 or more"),
        (lambda o: o.number("OPTION", default=1, at_least=1, at_most=9), "10", "1 to 9"),
        (lambda o: o.ratio("OPTION", default=0.5), "1.01", "a number from 0 to 1"),
        (lambda o: o.ratio("OPTION", default=0.5), "nan", "a number from 0 to 1"),
        (lambda o: o.ratio("OPTION", default=0.5), "10%", "a number from 0 to 1"),
        (lambda o: o.text("OPTION", choices=("A", "B")), "C", "one of A, B"),
        (lambda o: o.networks("OPTION"), "10.0.0.0/8,proxy.local", "addresses or networks"),
        (lambda o: o.url("OPTION", schemes=("http", "https")), "ftp://user:secret@h", "http:// or https://"),
        (lambda o: o.dsn("OPTION"), "https://secret@sentry.example", "https://KEY@HOST/PROJECT"),
        (lambda o: o.dsn("OPTION"), "https://secret@[::1/1", "https://KEY@HOST/PROJECT"),
        (lambda o: o.dsn("OPTION"), "https://secret@sentry.example:99999/1", "https://KEY@HOST/PROJECT"),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(
    reader: Callable[[Options], object], value: str, expected: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as error:
        read(value, reader)
    assert "OPTION" in str(error.value) and expected in str(error.value)
    assert "secret" not in str(error.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB=file\n")
    options = read_options(tmp_path / ".env", {"A": "real"})
    assert (options.text("A"), options.text("B"), options.text("C", default="c")) == ("real", "file", "c")
    assert options.names == ["A", "B", "C"]


def test_the_example_and_the_documentation_name_every_option_and_no_other() -> None:
    example = [name for name, _ in LINE.findall((ROOT / ".env.example").read_text())]
    assert sorted(example) == sorted(product.options.names)
    documented = (ROOT / "docs/configuration.md").read_text()
    assert [name for name in product.options.names if f"`{name}`" not in documented] == []


def start(dotenv: str = "/nonexistent", **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TRADEWATCH_HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**kept, "TRADEWATCH_DOTENV": dotenv, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_defaults_in_the_example_start(tmp_path: Path) -> None:
    lines = LINE.findall((ROOT / ".env.example").read_text())
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines if name != "TRADEWATCH_HOME"))
    done = start(str(tmp_path / ".env"))
    assert done.returncode == 0, done.stderr


def test_bad_values_stop_the_start_and_all_are_named() -> None:
    done = start(PORT="x", SENTRY_TRACES_SAMPLE_RATE="2", TRADEWATCH_DEBUG="maybe", REDIS_URL="http://:pw@h")
    assert done.returncode != 0
    for name in ("PORT", "SENTRY_TRACES_SAMPLE_RATE", "TRADEWATCH_DEBUG", "REDIS_URL"):
        assert f"  {name}: expected" in done.stderr
    assert ":pw@" not in done.stderr and "Traceback" not in done.stderr
