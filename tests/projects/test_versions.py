import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.projects.versions import fault_in_version, parse_version

SHA1, SHA256 = "9f3c2e1" + "0" * 33, "a" * 64


@pytest.mark.parametrize(
    ("text", "package", "number", "build", "kind", "is_prerelease"),
    [
        ("trading-api@2.0.1+build.7", "trading-api", "2.0.1", "build.7", "semver", False),
        ("2.0.1", "", "2.0.1", "", "semver", False),
        ("v1.2", "", "v1.2", "", "semver", False),
        ("oms@4.12.0-rc.1", "oms", "4.12.0-rc.1", "", "semver", True),
        ("@scope/web@1.2.3", "@scope/web", "1.2.3", "", "semver", False),
        ("2026.11.25", "", "2026.11.25", "", "calendar", False),
        ("desk@2026.11", "desk", "2026.11", "", "calendar", False),
        ("2026-11-25", "", "2026-11-25", "", "calendar", False),
        ("20261125", "", "20261125", "", "calendar", False),
        ("2026.13.1", "", "2026.13.1", "", "semver", False),  # no month: a number that looks like a year
        ("9f3c2e1", "", "9f3c2e1", "", "hash", False),
        (f"api@{SHA1}", "api", SHA1, "", "hash", False),
        (SHA256, "", SHA256, "", "hash", False),
        ("1234567", "", "1234567", "", "other", False),  # a build's number as well as a hash
        ("1" * 40, "", "1" * 40, "", "hash", False),
        ("main", "", "main", "", "other", False),
        ("release+x", "", "release+x", "", "other", False),
        ("@", "", "@", "", "other", False),
        ("a@", "a", "", "", "other", False),
        ("", "", "", "", "other", False),
    ],
)
def test_parts(text: str, package: str, number: str, build: str, kind: str, is_prerelease: bool) -> None:
    found = parse_version(text)
    assert (found.package, found.number, found.build, found.kind) == (package, number, build, kind)
    assert found.is_prerelease is is_prerelease


@given(st.text(max_size=80))
def test_any_text_has_parts_that_are_in_it(text: str) -> None:
    found = parse_version(text)
    assert found.text == text
    assert all(part in text for part in (found.package, found.number, found.build))
    assert len(found.short) <= 14


@pytest.mark.parametrize(
    ("text", "expected"),
    [("trading-api@2.0.1+7", "2.0.1"), (SHA1, "9f3c2e1"), ("a-branch-with-a-long-name", "a-branch-w…")],
)
def test_the_short_form_fits_a_flag(text: str, expected: str) -> None:
    assert parse_version(text).short == expected


@pytest.mark.parametrize("text", ["2.0.1", "trading-api@2.0.1+7", "9f3c2e1", "Release 7", "..a", "версия", "a" * 250])
def test_a_plain_line_may_name_a_release(text: str) -> None:
    assert fault_in_version(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", " 2.0", "2.0\n", ".", "..", "../x", "a/b", "a\\b", "-v", "--x", "a\x00", "a\x1b[0m", "a\u202eb"),
        *("\ud800", "a\u200bb", "a\u2028b", "a" * 251, "9" * 10_000),
    ],
)
def test_what_breaks_paths_command_lines_or_pages_may_not(text: str) -> None:
    assert fault_in_version(text)
