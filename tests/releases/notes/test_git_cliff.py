"""The same commits in the same groups as git-cliff (https://git-cliff.org), on real repositories.

Where we differ on purpose: see DIFFERENT. git-cliff leaves reverts beside what they take back; we cancel the pair.
"""

import json
import subprocess
import sysconfig
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from releases.notes.grouping import sort_commits
from releases.notes.values import Section
from tests.releases.notes.repositories import Repository, make_repository

_SCOPE = r"(\\([^()]+\\))?!?: +\\S"
CONFIG = f"""
[changelog]
body = ""
[git]
conventional_commits = true
filter_unconventional = false
topo_order_commits = true
commit_parsers = [
  {{ field = "breaking", pattern = "true", group = "Breaking changes" }},
  {{ message = "(?i)^(feat|feature){_SCOPE}", group = "Features" }},
  {{ message = "(?i)^(fix|bugfix|hotfix){_SCOPE}", group = "Fixes" }},
  {{ message = "(?i)^perf{_SCOPE}", group = "Performance" }},
  {{ message = "(?i)^revert{_SCOPE}", group = "Reverts" }},
  {{ message = '^(Revert|Reapply) ".*"', group = "Reverts" }},
  {{ message = "(?i)^docs?{_SCOPE}", group = "Documentation" }},
  {{ message = "(?i)^refactor{_SCOPE}", group = "Refactoring" }},
  {{ message = "(?i)^(build|ci){_SCOPE}", group = "Build and CI" }},
  {{ message = "(?i)^tests?{_SCOPE}", group = "Tests" }},
  {{ message = "(?i)^(chore|style){_SCOPE}", group = "Chores" }},
  {{ message = ".*", group = "Other" }},
]
"""
KINDS = (
    "feat", "Feature", "FIX", "hotfix", "perf", "docs", "doc", "refactor", "build", "CI", "test", "tests", "chore",
    "style", "wip", "security", "revert", "deps-dev",
)  # fmt: skip
SCOPES = ("", "(orders)", "(Order Entry)", "(a/b-c)", "!", "(risk)!")
BODIES = (
    "",
    "\n\nWhy it was needed.\n\nReviewed-by: Tomas\nRefs: #12",
    "\n\nBREAKING CHANGE: limits are per desk",
    "\n\nBREAKING-CHANGE: limits are per desk",
    "\n\nbreaking change: in small letters",
    "\n\nA body.\n\nBREAKING CHANGE: several\nlines\n\nand paragraphs\nCloses #12",
    "\n\nBREAKING CHANGE:without a space",
    "\n\nBREAKING CHANGE #12",
    "\n\nNO BREAKING CHANGE: none",
)
ODD = (
    "Add a thing", "Fix the thing\n\nBREAKING CHANGE: but not a conventional one", "fix:no space", "fix(): x",
    "fix (a): x", "two words: x", ": x", "(a): x", "🎉: party", "feat(a)(b): x", "fix!(a): x", "1.0: x",
    "feat: 新しい注文", "#12: x",
    'Revert "feat: never was"\n\nThis reverts commit 1111111111111111111111111111111111111111.',
    'Reapply "feat: never was"\n\nThis reverts commit 1111111111111111111111111111111111111111.',
    "revert: feat: never was", "Merge the two books", "feat: <script>alert(1)</script>", "fix: `a` [b](c) *d* _e_",
)  # fmt: skip
# (message, ours, git-cliff's). The specification asks for a colon and a space; a missed blank line loses nothing here.
DIFFERENT = (
    ("fix!:no space", "Other", "Breaking changes"),
    ("feat: x\nno blank line, but it breaks\n\nBREAKING CHANGE: y", "Breaking changes", "Features"),
    ("feat: x\n\na body\nBREAKING CHANGE: without a blank line", "Breaking changes", "Features"),
    ("🎉!: party", "Other", "Breaking changes"),
)


def said_by_git_cliff(repository: Repository) -> dict[str, dict[str, Any]]:
    """Return what git-cliff knows of each commit, by sha."""
    config = repository.path / "cliff.toml"
    config.write_text(CONFIG)
    program = Path(sysconfig.get_path("scripts")) / "git-cliff"
    command = [program, "--config", config, "--context", "--offline"]
    done = subprocess.run(command, cwd=repository.path, capture_output=True, check=True, timeout=60)
    return {commit["id"]: commit for release in json.loads(done.stdout) for commit in release["commits"]}


def said_by_us(repository: Repository) -> dict[str, str]:
    found = sort_commits(repository.commits())
    return {entry.sha: str(group.section) for group in found.groups for entry in group.entries}


@pytest.mark.slow
def test_the_same_groups_as_git_cliff(tmp_path: Path) -> None:
    usual = [f"{kind}{scope}: number {n}{body}" for n, (kind, scope, body) in enumerate(product(KINDS, SCOPES, BODIES))]
    repository = make_repository(tmp_path, [*usual, *ODD], merged=50)
    theirs = said_by_git_cliff(repository)
    merges = {sha for sha, commit in theirs.items() if commit["merge_commit"]}
    assert merges == set(sort_commits(repository.commits()).merges) and len(merges) > 15
    expected = {sha: commit["group"] for sha, commit in theirs.items() if sha not in merges}
    ours = said_by_us(repository)
    wrong = {
        theirs[sha]["raw_message"]: (ours.get(sha), expected[sha]) for sha in expected if ours.get(sha) != expected[sha]
    }
    assert wrong == {} and ours.keys() == expected.keys()
    assert set(ours.values()) == {str(each) for each in Section}


@pytest.mark.slow
def test_the_same_parts_as_git_cliff(tmp_path: Path) -> None:
    messages = [
        f"{kind}{scope}: number {n}{BODIES[n % len(BODIES)]}" for n, (kind, scope) in enumerate(product(KINDS, SCOPES))
    ]
    repository = make_repository(tmp_path, messages)
    theirs = said_by_git_cliff(repository)
    entries = [entry for group in sort_commits(repository.commits()).groups for entry in group.entries]
    for entry in entries:
        commit = theirs[entry.sha]
        assert (entry.subject, entry.scope, entry.is_breaking) == (
            commit["message"],
            commit["scope"] or "",
            commit["breaking"],
        )
        told = (commit["breaking_description"] or "").removeprefix("#")
        assert [" ".join(told.split())] * entry.is_breaking == [
            text.removeprefix("#") for text in entry.breaking_changes
        ]
    assert len(entries) == len(messages)


@pytest.mark.slow
def test_where_we_differ(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, [message for message, _, _ in DIFFERENT])
    theirs, ours = said_by_git_cliff(repository), said_by_us(repository)
    found = [
        (each.message.strip(), ours[each.sha], theirs[each.sha]["group"]) for each in reversed(repository.commits())
    ]
    assert found == list(DIFFERENT)


@pytest.mark.slow
def test_pairs_by_real_reverts_are_gone_here_and_two_entries_there(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, ["feat: first", "fix: second", "feat: third"])
    identity = ("-c", "user.name=Mara", "-c", "user.email=mara@desk.example", "-c", "commit.gpgsign=false")
    repository.git("reset", "-q", "--hard")
    for what in ("HEAD~1", "HEAD", "HEAD~4"):  # the second; that revert; the first
        repository.git(*identity, "revert", "--no-edit", what)
    found = sort_commits(repository.commits())
    left = {entry.subject for group in found.groups for entry in group.entries}
    assert left == {"second", "third"} and len(found.cancelled) == 2
    assert len(said_by_git_cliff(repository)) == 6 == found.commit_count
