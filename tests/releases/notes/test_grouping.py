"""Commits sorted into sections: what goes where, what takes back what, and that nothing is lost."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.notes.grouping import sort_commits
from releases.notes.values import Section, Told
from tests.releases.notes.builders import titles, told

A, B, C, D = (letter * 40 for letter in "abcd")


@pytest.mark.parametrize(
    ("message", "section", "subject"),
    [
        ("feat(orders): add iceberg orders", "Features", "add iceberg orders"),
        ("Feature: x", "Features", "x"),
        ("FIX: round to the tick", "Fixes", "round to the tick"),
        ("hotfix: x", "Fixes", "x"),
        ("perf: x", "Performance", "x"),
        ("docs: x", "Documentation", "x"),
        ("refactor: x", "Refactoring", "x"),
        ("build(deps): x", "Build and CI", "x"),
        ("ci: x", "Build and CI", "x"),
        ("tests: x", "Tests", "x"),
        ("chore: x", "Chores", "x"),
        ("style: x", "Chores", "x"),
        ("wip: x", "Other", "x"),
        ("Add a thing", "Other", "Add a thing"),
        ("", "Other", "(no message)"),
        ("chore!: drop Python 3.10", "Breaking changes", "drop Python 3.10"),
        ("fix: x\n\nBREAKING CHANGE: y", "Breaking changes", "x"),
        ("Fix it\n\nBREAKING CHANGE: y", "Other", "Fix it"),
        ('Revert "feat: x"\n\nThis reverts commit 1234567.', "Reverts", 'Revert "feat: x"'),
        ("revert: feat: x", "Reverts", "feat: x"),
        ("revert!: feat: x", "Breaking changes", "feat: x"),
        ("fix: y\n\nThis reverts commit 1234567 in part.", "Fixes", "y"),
    ],
)
def test_what_goes_where(message: str, section: str, subject: str) -> None:
    assert titles(sort_commits([told(message)])) == {section: [subject]}


def test_sections_have_their_order_and_entries_that_of_the_commits() -> None:
    kinds = ("odd", "chore", "test", "ci", "refactor", "docs", "revert", "perf", "fix", "feat", "feat!")
    found = titles(sort_commits([told(f"{kind}: {n}") for n in range(2) for kind in kinds]))
    assert list(found) == [str(each) for each in Section]
    assert all(subjects == ["0", "1"] for subjects in found.values())


def test_an_entry_has_all_that_was_said() -> None:
    message = (
        "fix(risk)!: check margin (#123)\n\nCloses #12\n\nBREAKING CHANGE: limits\nare per desk\nRefs: RISK-7, UTF-8"
    )
    (entry,) = sort_commits([told(message, A)]).groups[0].entries
    assert (entry.sha, entry.type, entry.scope, entry.author, entry.is_breaking) == (
        A,
        "fix",
        "risk",
        "Mara Lindqvist",
        True,
    )
    assert entry.breaking_changes == ("limits are per desk",)
    assert [(each.name, each.url) for each in entry.issues] == [
        ("#123", "https://git.example/i/123"),
        ("#12", "https://git.example/i/12"),
        ("RISK-7", ""),
    ]


# --- merges --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("message", "parents", "vanishes"),
    [
        ("Merge branch 'a'", (A, B), True),
        ("feat: x (#12)", (A, B), True),
        ("Merge branch 'a'", (), True),
        ("Merge branch 'a' into main", (), True),
        ("Merge branch 'a' of github.com:acme/oms into main", (), True),
        ("Merge branches 'a' and 'b'", (), True),
        ("Merge remote-tracking branch 'origin/a'", (), True),
        ("Merge tag 'v1.0'", (), True),
        ("Merge pull request #12 from acme/a", (), True),
        ("Merge branch 'a'", (A,), False),  # a squash
        ("Merge pull request #12 from acme/a\n\nfeat: x", (), False),
        ("Merge branch 'a'\n\n# Conflicts:\n#\tx", (), False),
        ("Merge the two books", (), False),
        ("merge branch 'a'", (), False),
        ("feat: x (#12)", (A,), False),
    ],
)
def test_only_real_merges_vanish(message: str, parents: tuple[str, ...], vanishes: bool) -> None:
    found = sort_commits([told(message, D, parents=parents)])
    assert (found.entry_count, list(found.merges)) == ((0, [D]) if vanishes else (1, []))


# --- reverts -------------------------------------------------------------------------------------------------------
def reverts(what: str, sha: str) -> str:
    return f'Revert "{what}"\n\nThis reverts commit {sha}.'


@pytest.mark.parametrize(
    ("commits", "left", "pairs"),
    [
        # a pair
        ([(B, reverts("feat: x", A)), (A, "feat: x")], [], [(B, A)]),
        ([(B, reverts("feat: x", A[:7])), (A, "feat: x")], [], [(B, A)]),
        ([(B, reverts("feat: x", A.upper())), (A, "feat: x")], [], [(B, A)]),
        ([(B, reverts("feat: x", A)), (A[:9], "feat: x")], [], [(B, A[:9])]),
        ([(B, f"revert: feat: x\n\nThis reverts commit {A}."), (A, "feat: x")], [], [(B, A)]),
        ([(B, f"Revert: feat: x\n\nRefs: {A}"), (A, "feat: x")], [], [(B, A)]),
        ([(B, "revert: feat: x"), (A, "feat: x")], [], [(B, A)]),
        # as hosts squash it
        ([(B, 'Revert "feat: x (#1)" (#2)\n\nReverts acme/oms#1'), (A, "feat: x (#1)")], [], [(B, A)]),
        # its pair is not there
        ([(B, reverts("feat: x", D)), (A, "feat: x")], [B, A], []),
        ([(B, 'Revert "feat: y"'), (A, "feat: x")], [B, A], []),
        ([(B, 'Revert "feat: x"')], [B], []),
        ([(A, "feat: x"), (B, 'Revert "feat: x"')], [A, B], []),  # what came after it is another one
        # of reverts
        ([(C, reverts('Revert "feat: x"', B)), (B, reverts("feat: x", A)), (A, "feat: x")], [A], [(C, B)]),
        (
            [(C, f'Reapply "feat: x"\n\nThis reverts commit {B}.'), (B, reverts("feat: x", A)), (A, "feat: x")],
            [A],
            [(C, B)],
        ),
        ([(C, 'Reapply "feat: x"'), (B, 'Revert "feat: x"'), (A, "feat: x")], [A], [(C, B)]),
        (
            [
                (D, 'Revert "Revert "Revert "feat: x"""'),
                (C, 'Revert "Revert "feat: x""'),
                (B, 'Revert "feat: x"'),
                (A, "feat: x"),
            ],
            [],
            [(D, C), (B, A)],
        ),
        ([(C, reverts('Revert "feat: x"', B)), (B, reverts("feat: x", A))], [], [(C, B)]),
        # twice the same: one pair, the other stays
        ([(C, reverts("feat: x", A)), (B, reverts("feat: x", A)), (A, "feat: x")], [B], [(C, A)]),
        # the nearest of the same name
        ([(C, 'Revert "feat: x"'), (B, "feat: x"), (A, "feat: x")], [A], [(C, B)]),
        # several at once stay, with what they name
        ([(C, f"revert: noodles\n\nRefs: {A}, {B}"), (B, "feat: x"), (A, "feat: y")], [C, B, A], []),
        # itself, and one another
        ([(A, reverts("feat: x", A))], [A], []),
        ([(B, reverts("x", A)), (A, reverts("x", B))], [], [(B, A)]),
        # not one by its first line
        ([(B, f"fix: y\n\nThis reverts commit {A}."), (A, "feat: x")], [B, A], []),
    ],
)  # fmt: skip
def test_what_takes_back_what(commits: list[tuple[str, str]], left: list[str], pairs: list[tuple[str, str]]) -> None:
    found = sort_commits([told(message, sha) for sha, message in commits])
    shown = {entry.sha for group in found.groups for entry in group.entries}
    assert (shown, list(found.cancelled)) == (set(left), pairs)


def test_a_shortened_sha_of_two_commits_names_none() -> None:
    first, second = "abcdef0" + "1" * 33, "abcdef0" + "2" * 33
    found = sort_commits([told(reverts("x", "abcdef0")), told("feat: x", first), told("feat: x", second)])
    assert found.entry_count == 3 and not found.cancelled


def test_the_revert_of_a_merge_stays() -> None:
    merge = told("Merge branch 'a'", A, parents=(C, D))
    said = reverts("Merge branch 'a'", A).removesuffix(".") + f", reversing\nchanges made to {C}."
    found = sort_commits([told(said, B), merge])
    assert titles(found) == {"Reverts": ["""Revert "Merge branch 'a'\""""]} and found.merges == [A]


def test_the_same_sha_counts_once_and_a_cherry_pick_twice() -> None:
    assert sort_commits([told("feat: x", A), told("feat: x", A)]).commit_count == 1
    assert titles(sort_commits([told("feat: x", A), told("feat: x", B)])) == {"Features": ["x", "x"]}


# --- nothing is lost -----------------------------------------------------------------------------------------------
SUBJECTS = st.sampled_from(
    ["feat: x", "fix(a)!: y", "Odd words", "", "Merge branch 'a'", 'Revert "feat: x"', "revert: feat: x"]
)


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Some commits, the newest first, with reverts of one another, merges and repeated ones."""
    shas = [f"{number:07x}".ljust(40, "0") for number in range(1, draw(st.integers(0, 12)) + 1)]
    commits = []
    for sha in shas:
        message = draw(SUBJECTS | st.text(max_size=30))
        if draw(st.booleans()):
            message = reverts(
                draw(SUBJECTS), draw(st.sampled_from([*shas, "e" * 40]))[: draw(st.sampled_from([7, 40]))]
            )
        commits.append(told(message, sha, parents=tuple(draw(st.lists(st.sampled_from(shas), max_size=3)))))
    return commits + draw(st.lists(st.sampled_from(commits), max_size=2)) if commits else []


@given(histories())
def test_every_commit_is_in_one_place(commits: list[Told]) -> None:
    found = sort_commits(commits)
    entries = [entry.sha for group in found.groups for entry in group.entries]
    places = Counter([*entries, *(sha for pair in found.cancelled for sha in pair), *found.merges])
    assert places == Counter({each.sha for each in commits})
    assert found.commit_count == len({each.sha for each in commits})
    said = {each.sha: each for each in commits}
    for sha in found.merges:
        assert len(said[sha].parents) > 1 or (not said[sha].parents and said[sha].message.strip().startswith("Merge "))
    for revert, taken in found.cancelled:
        assert "evert" in said[revert].message or "eapply" in said[revert].message
        assert taken != revert
