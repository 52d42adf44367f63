"""What a repository on disk knows: the commit that a name stands for, what lies between two, which came first."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from releases.commits.drafts import CommitDraft
from releases.git.naming import hash_of, tags_of
from releases.git.parsing import FORMAT, parse_log
from releases.git.places import place
from releases.git.running import GitError, run_git

MOST_COMMITS = 20_000  # of one range
_LOG = (
    "log", "-z", "--date-order", "--name-status", "--find-renames", "--diff-merges=dense-combined", "-O/dev/null",
    "--no-ext-diff", "--no-textconv", "--no-color", "--no-decorate", "--no-notes", "--no-show-signature",
    f"--format={FORMAT}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A repository that may be read; `seconds` is what each question may take."""

    path: Path
    seconds: float

    def resolve(self, name: str) -> str | None:
        """Return the whole hash of the commit that a version, tag or hash names; None where it knows none.

        A tag comes before a hash of the same digits. Raises `GitError`.
        """
        for candidate in (self._tag_of(name), hash_of(name)):
            if candidate and (sha := self._commit_at(candidate)):
                return sha
        return None

    def log(self, older: str | None, newer: str, *, most: int = MOST_COMMITS) -> list[CommitDraft]:
        """Return the commits that `newer` has and `older` has not, children first. Both are whole hashes.

        Without `older` all up to `newer`. At most so many, the newest. Raises `GitError`.
        """
        ends = [_whole(newer), *([f"^{_whole(older)}"] if older else [])]
        output = self._run(*_LOG, f"--max-count={most}", "--end-of-options", *ends, "--")
        try:
            return parse_log(output)
        except ValueError as error:
            raise GitError(f"git's answer is not understood: {error}") from error

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Return whether `newer` has all that `older` has. Both are whole hashes."""
        found = self._run("rev-list", "--max-count=1", "--end-of-options", _whole(older), f"^{_whole(newer)}", "--")
        return not found

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the commit at which two part, as whole hashes; None where they have nothing in common."""
        return self._run("merge-base", "--end-of-options", _whole(one), _whole(other), wrong=1).decode().strip() or None

    def _tag_of(self, version: str) -> str:
        """Return the first tag that may name the version, as `refs/tags/...`; empty: there is none."""
        wanted = tags_of(version)
        if not wanted:
            return ""
        found = set(
            self._run("for-each-ref", "--format=%(refname)", "--", *wanted).decode("utf-8", "replace").split("\n")
        )
        return next((name for name in wanted if name in found), "")

    def _commit_at(self, name: str) -> str | None:
        said = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", wrong=1)
        sha = said.decode().strip()
        # A branch may be called like a hash: git would take the branch.
        return sha if sha and (name.startswith("refs/") or sha.startswith(name)) else None

    def _run(self, *arguments: str, wrong: int = 0) -> bytes:
        return run_git(self.path, *arguments, seconds=self.seconds, wrong=wrong)


def open_repository(path: str) -> GitRepository:
    """Return the repository at a path within the roots. Raises `GitError`."""
    return GitRepository(place(path, seconds=settings.GIT_TIMEOUT_SECONDS), settings.GIT_TIMEOUT_SECONDS)


def _whole(sha: str) -> str:
    if len(sha) not in (40, 64) or hash_of(sha) != sha:
        raise GitError("expected a whole hash")
    return sha
