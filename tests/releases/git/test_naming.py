import subprocess

import pytest

from releases.git.naming import hash_of, is_ref_name, tags_of

HOSTILE = [
    "--upload-pack=touch /tmp/x", "-x", "--", "../../etc/passwd", "a/../b", "@{u}", "main@{1}", ":/text", "HEAD^{/x}",
    "HEAD~3", "HEAD^", "a..b", "a...b", "^main", "a b", "a\tb", "a\nb", "a\0b", "a\x7fb", "x" * 10_000, "", "@", ".",
    "..", ".hidden", "a/.hidden", "a.lock", "a.lock/b", "a//b", "/a", "a/", "a.", "a*", "a?", "a[b", "a\\b", "a:b",
    "\ud800",
]  # fmt: skip
FINE = ["2.0.1", "v2.0.1", "api@2.0.1+7", "release/2026.11", "a-b", "größe", "日本", "a@b", "a.b.c", "x" * 200]
FINE += ["%2e", "$(id)", ";id"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_could_be_anything_else_than_a_name_is_none(text: str) -> None:
    assert not is_ref_name(text)
    assert tags_of(text) == []
    assert hash_of(text) == ""


@pytest.mark.parametrize("text", [each for each in [*HOSTILE, *FINE] if "\0" not in each and "\ud800" not in each])
def test_git_agrees_on_names(text: str) -> None:
    checked = subprocess.run(["git", "check-ref-format", f"refs/tags/{text}"], check=False)
    agrees = text.startswith("-") or text in ("@",) or len(text) > 250  # git allows these; we do not
    assert is_ref_name(text) == (checked.returncode == 0 and not agrees)


def test_a_version_may_be_tagged_in_several_ways() -> None:
    assert tags_of("2.0.1") == ["refs/tags/2.0.1", "refs/tags/v2.0.1"]
    assert tags_of("v2.0.1") == ["refs/tags/v2.0.1", "refs/tags/vv2.0.1"]
    found = [name.removeprefix("refs/tags/") for name in tags_of("api@2.0.1+7")]
    assert found[:2] == ["api@2.0.1+7", "vapi@2.0.1+7"]
    assert {"2.0.1+7", "2.0.1", "v2.0.1", "api-2.0.1", "api/v2.0.1", "api@v2.0.1"} <= set(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9F3C2E1", "9f3c2e1"),
        ("a" * 40, "a" * 40),
        ("b" * 64, "b" * 64),
        ("9f3c2e", ""),
        ("b" * 65, ""),
        ("9f3c2eg", ""),
        ("HEAD", ""),
    ],
)
def test_hashes(text: str, expected: str) -> None:
    assert hash_of(text) == expected
