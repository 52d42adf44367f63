import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.choices import DeploymentState, VersionSource
from releases.deployments.asked import Start, faults_in, is_told_again, version_of

ESC, OVERRIDE = "\x1b", "\u202e"


@pytest.mark.parametrize(
    "start",
    [
        Start("production"),
        Start("staging eu", "trading-api@2.0.1+build.7", "9f3c2e1", "refs/heads/main", "https://ci.example/8812", "CI"),
        Start("production", "2026.11.23", ref="feature/margin-cache", url="http://127.0.0.1:9000/run?id=1#log"),
        Start("production", "версия 2", commit="ABCDEF0123" * 4, deployed_by="Mara Lindqvist (CI)"),
    ],
)
def test_what_ci_says_is_taken(start: Start) -> None:
    assert faults_in(start) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("environment", value)
            for value in ("", " ", " production", "a/b", "a\\b", "a\nb", "x" * 65, f"a{OVERRIDE}")
        ),
        *(("version", value) for value in ("..", ".", "../../etc/passwd", "--upload-pack=touch /tmp/x", "-v", "a\\b")),
        *(
            ("version", value)
            for value in (" 2.0.1", "2.0.1\n", "2\x00", f"{ESC}[31m2.0", f"2{OVERRIDE}0", "9" * 10_000)
        ),
        *(("commit", value) for value in ("abc", "main", "--exec=x", "g" * 40, "a" * 65, "9f3c2e1\n", "9f3c 2e1")),
        *(("ref", value) for value in ("--upload-pack=x", "/main", "a..b", "a b", "a~1", "a:b", "a@{1}", "x.lock")),
        *(("ref", value) for value in ("a//b", "main/", "m\x7f", "x" * 251)),
        *(
            ("url", value)
            for value in ("javascript:alert(1)", "//x.example", "ftp://x", "https://", "http://[::1", "x")
        ),
        *(("url", value) for value in ("https://x.example/\n", "https://x.example/a b", "https://x/" + "a" * 500)),
        *(("deployed_by", value) for value in ("x" * 201, "a\tb")),
    ],
)
def test_what_is_hostile_is_refused_by_field(field: str, value: str) -> None:
    assert list(faults_in(Start(**{"environment": "production", field: value}))) == [field]


@given(st.text(string.printable + "\0\u202e\ud800éß", max_size=300))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    faults = faults_in(Start(text, text, text, text, text, text))
    assert set(faults) <= {"environment", "version", "commit", "ref", "url", "deployed_by"}


@pytest.mark.parametrize(
    ("start", "seen", "expected"),
    [
        (Start("p", "2.0.1", "9f3c2e1"), "2.0.0", ("2.0.1", VersionSource.GIVEN)),
        (Start("p", commit="9f3c2e1"), "2.0.0", ("9f3c2e1", VersionSource.COMMIT)),
        (Start("p"), "2.0.0", ("2.0.0", VersionSource.SEEN)),
        (Start("p", ref="main"), "", ("", VersionSource.UNKNOWN)),
    ],
)
def test_the_version_is_the_given_one_else_the_commit_else_the_newest_seen(
    start: Start, seen: str, expected: tuple[str, VersionSource]
) -> None:
    assert version_of(start, newest_seen=seen) == expected


@pytest.mark.parametrize(
    ("state", "as_success", "as_failure"),
    [
        (DeploymentState.IN_PROGRESS, None, None),
        (DeploymentState.SUCCEEDED, True, False),
        (DeploymentState.ROLLED_BACK, True, False),
        (DeploymentState.FAILED, False, True),
        (DeploymentState.ABANDONED, False, False),
    ],
)
def test_an_end_told_again_repeats_or_contradicts(
    state: DeploymentState, as_success: bool | None, as_failure: bool | None
) -> None:
    assert is_told_again(state, success=True) is as_success
    assert is_told_again(state, success=False) is as_failure
