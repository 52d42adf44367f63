"""Which commit of the release touched a file of the stack trace? As `releases.commits.suspects` finds them."""

from collections.abc import Sequence
from typing import Any

from alerts.words import counted
from debugging.choices import Finding, StepKey
from debugging.contexts.subjects import Subject
from debugging.steps.answers import Answer, unknown
from releases.commits.links import commit_url
from releases.commits.suspects import Suspect, commits_brought_by, release_to_blame, suspects_of_issue
from releases.models import CommitFile

KEY = StepKey.COMMITS


def ask(subject: Subject) -> Answer:
    if subject.issue is None:
        return unknown(KEY, "No event of this fingerprint was ever stored: no release is known that it came with.")
    release = release_to_blame(subject.issue)
    if release is None:
        return unknown(KEY, "The first event named no release: which commits came with it is not known.")
    suspects = suspects_of_issue(subject.issue)
    if suspects:
        return judge(suspects, version=release.version, commits=0, with_files=0)
    commits = commits_brought_by(release)
    with_files = CommitFile.objects.filter(commit__in=[each.pk for each in commits[:500]]).values("commit").distinct()
    return judge([], version=release.version, commits=len(commits), with_files=with_files.count() if commits else 0)


def judge(suspects: Sequence[Suspect], *, version: str, commits: int, with_files: int) -> Answer:
    """`with_files` of the `commits` that the version brought say which files they changed."""
    evidence: dict[str, Any] = {"release": version, "commits": [_values(each) for each in suspects]}
    if suspects:
        first, *rest = suspects
        more = f" {len(rest)} more touched the trace." if rest else ""
        words = (
            f"{first.commit.sha[:7]} {first.commit.subject[:150]}, by {first.commit.author_name or 'somebody'}: it "
            f"changed {first.path}, and the error stands at {first.place}.{more}"
        )
        return Answer(KEY, Finding.YES, words, evidence)
    evidence |= {"looked_at": commits, "with_files": with_files}
    if not commits:
        return unknown(
            KEY, f"No commits of {version} are known: CI has told none, and no repository is read.", evidence
        )
    if not with_files:
        return unknown(KEY, f"Of {counted(commits, 'commit')} of {version} none says which files it changed.", evidence)
    return Answer(
        KEY,
        Finding.NO,
        f"Of {counted(commits, 'commit')} of {version} none touched a file of the stack trace.",
        evidence,
    )


def _values(suspect: Suspect) -> dict[str, Any]:
    commit = suspect.commit
    return {
        "sha": commit.sha,
        "subject": commit.subject[:200],
        "author": commit.author_name,
        "path": suspect.path,
        "place": suspect.place,
        "is_ours": suspect.is_ours,
        "link": commit_url(commit.repository, commit.sha),
    }
