from datetime import date
from typing import Any

import httpx
import pytest
from packaging.requirements import Requirement

from tests import dependencies
from tests.dependencies import (
    Package,
    Unreachable,
    accepted_in,
    installed_faults,
    pins_in,
    reasoned_in,
    vulnerabilities,
)

PINS = {"web": Requirement("web[fast]==2.0")}
WEB = Package(
    "web", "2.0", ("core>=1", 'loop==3.0; extra == "fast"', 'docs; extra == "docs"', 'old; python_version < "3"')
)
INSTALLED = {"web": WEB, "core": Package("core", "1.5"), "loop": Package("loop", "3.0"), "pip": Package("pip", "26")}


@pytest.mark.parametrize(
    "line", ["web", "web>=2", "web==2.*", "web==2.0; python_version<'4'", "git+https://x/web", "-e ."]
)
def test_what_is_not_pinned_exactly_is_a_fault(line: str) -> None:
    assert pins_in(f"# why\n{line}  # there\n\n") == ({}, [f"{line}: not pinned as name==version"])


def test_pins_and_their_reasons() -> None:
    pins, faults = pins_in("-r other.txt\nDjango==5.2\npsycopg[binary,pool]==3.1  # as we like it\n")
    assert (list(pins), faults) == (["django", "psycopg"], [])
    rows = (
        "| package | why |",
        "|---|---|",
        "| psycopg[binary,pool] | x, y |",
        "| pytest, -django | t |",
        "| `node` (npm) | n |",
    )
    table = "\n".join(rows)
    assert reasoned_in(table) == {"package", "psycopg", "pytest", "pytest-django", "node"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"web": Package("web", "2.1", WEB.requires)}, ["web 2.1 is installed; the requirements want web[fast]==2.0"]),
        ({"core": Package("core", "0.9")}, ["core 0.9 is installed; web want core>=1"]),
        ({"docs": Package("docs", "1")}, ["docs 1 is installed, and nothing wants it"]),
    ],
)
def test_what_is_installed(changed: dict[str, Package], expected: list[str]) -> None:
    assert installed_faults(PINS, INSTALLED | changed) == expected


def test_what_is_wanted_and_not_installed() -> None:
    left = {name: package for name, package in INSTALLED.items() if name != "loop"}
    assert installed_faults(PINS, left) == ['loop==3.0; extra == "fast" is not installed; web want it']


def answering(status: int, body: Any) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(status, json=body)))


def test_vulnerabilities_are_told_by_package() -> None:
    client = answering(200, {"results": [{}, {"vulns": [{"id": "GHSA-1"}, {"id": "PYSEC-2"}]}]})
    found = vulnerabilities([WEB, Package("core", "1.5")], client)
    assert [(each.name, known) for each, known in found] == [("web", "GHSA-1"), ("web", "PYSEC-2")]


@pytest.mark.parametrize(("status", "body"), [(404, {}), (200, {}), (200, {"results": []}), (200, []), (503, "away")])
def test_whoever_answers_otherwise_was_not_asked(status: int, body: Any) -> None:
    with pytest.raises(Unreachable):
        vulnerabilities([WEB], answering(status, body))


def test_what_is_accepted_needs_a_reason_and_a_day_to_come() -> None:
    text = "# why\nGHSA-1 until 2027-01-31: only on Windows\nGHSA-2 until 2026-01-31: only on Windows\nGHSA-3\n"
    ids, faults = accepted_in(text, today=date(2026, 11, 26))
    assert ids == {"GHSA-1"} and len(faults) == 2


@pytest.mark.parametrize(("accepted", "expected"), [("", 1), ("GHSA-1 until 2099-01-31: not used here", 0)])
def test_a_known_vulnerability_fails_the_build_unless_accepted(
    accepted: str, expected: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "accepted.txt").write_text(accepted)
    monkeypatch.setattr(dependencies, "ACCEPTED", tmp_path / "accepted.txt")
    monkeypatch.setattr(dependencies, "offline_faults", lambda installed: [])
    monkeypatch.setattr(dependencies, "vulnerabilities", lambda *_: [(WEB, "GHSA-1")])
    monkeypatch.setattr("sys.argv", ["audit"])
    assert dependencies.main() == expected
    assert ("web 2.0: GHSA-1" in capsys.readouterr().out) is bool(expected)


def test_where_nobody_answers_that_is_said_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(*_: Any) -> None:
        raise Unreachable("osv: no route")

    monkeypatch.setattr(dependencies, "offline_faults", lambda installed: [])
    monkeypatch.setattr(dependencies, "vulnerabilities", away)
    monkeypatch.setattr("sys.argv", ["audit"])
    assert dependencies.main() == 0
    assert "VULNERABILITIES WERE NOT LOOKED UP: osv: no route" in capsys.readouterr().out
