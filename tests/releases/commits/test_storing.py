import pytest

from releases.commits.drafts import MOST_FILES, CommitDraft, FileDraft
from releases.commits.storing import (
    add_release_commits,
    commits_of,
    release_named,
    repository_named,
    set_release_commits,
    store_commits,
)
from releases.models import Commit, CommitFile, Repository
from tests.projects.builders import make_project
from tests.releases.builders import NOW
from tests.releases.commits.builders import draft, make_repository, names, sha_of
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db


def test_told_twice_is_stored_once_and_in_the_order_it_was_told() -> None:
    repository = make_repository()
    drafts = [draft("b", "a", files=["app/risk/margin.py", "app/api.py"]), draft("a", files=["README.md"]), draft("b")]
    first = store_commits(repository, drafts)
    assert names(first) == "ba"
    assert [row.pk for row in store_commits(repository, drafts[::-1])] == [first[0].pk, first[1].pk]
    assert (Commit.objects.count(), CommitFile.objects.count()) == (2, 3)
    row = Commit.objects.get(sha=sha_of("b"))
    assert (row.parents, row.author_name, row.subject) == ([sha_of("a")], "Mara Lindqvist", "feat: b")
    assert store_commits(repository, []) == []


def test_told_again_with_more_fills_what_was_empty_and_changes_nothing_else() -> None:
    repository = make_repository()
    (row,) = store_commits(repository, [CommitDraft(sha_of("a").upper(), message="fix: it")])
    store_commits(repository, [draft("a", "0", message="another", files=["app/api.py"])])
    row.refresh_from_db()
    assert (row.message, row.author_email, row.parents) == ("fix: it", "mara@example.com", [sha_of("0")])
    assert row.committed_at == NOW
    assert [file.path for file in row.files.all()] == ["app/api.py"]
    store_commits(repository, [draft("a", files=["app/api.py", "later.py"])])
    assert row.files.count() == 1  # it had its files


def test_what_no_database_takes_is_made_storable() -> None:
    wide = [FileDraft(f"{number}.py") for number in range(MOST_FILES + 9)]
    (row,) = store_commits(
        make_repository(),
        [
            CommitDraft(
                sha_of("a"),
                message="fix: nul\x00 and lone \ud83d\r\nbody \u202e" + "x" * 70_000,
                author_name="Zoë\nBcc: x " + "n" * 300,
                author_email="e" * 300,
                files=(FileDraft("p" * 1001), FileDraft("dot\n\udcffted.py", "A"), *wide),
            )
        ],
    )
    assert row.message.startswith("fix: nul and lone ?\nbody x") and len(row.message) == 64_000
    assert row.author_name.startswith("Zoë Bcc: x nnn") and (len(row.author_name), len(row.author_email)) == (200, 254)
    assert row.files.count() == MOST_FILES and row.files.get(change="A").path == "dot\n?ted.py"


def test_a_repository_is_known_by_its_name_and_learns_its_page() -> None:
    project = make_project()
    row = repository_named(project, "acme/api", now=NOW)
    assert (row.url, row.host) == ("", "")
    assert repository_named(project, "acme/api", url="git@gitlab.com:acme/api.git", now=NOW) == row
    row.refresh_from_db()
    assert (row.url, row.host) == ("https://gitlab.com/acme/api", "gitlab")
    repository_named(project, "acme/api", url="https://github.com/evil/api", now=NOW)
    row.refresh_from_db()
    assert row.url == "https://gitlab.com/acme/api"
    assert Repository.objects.count() == 1


def test_a_release_known_by_its_commits_alone_is_in_no_environment() -> None:
    release = release_named(make_project(), "2.0.1", now=NOW)
    assert release_named(make_project(), "2.0.1", now=NOW) == release == Release.objects.get()
    assert not release.sightings.exists()


def test_a_list_is_set_and_grows_in_order() -> None:
    repository, release = make_repository(), release_named(make_project(), "2.0.1", now=NOW)
    a, b, c = store_commits(repository, [draft("a", minute=1), draft("b", "a", minute=2), draft("c", "b", minute=3)])
    set_release_commits(release, [b, a, b])
    assert names(commits_of(release)) == "ba"
    assert (add_release_commits(release, [c, b]), names(commits_of(release))) == (1, "cba")
    assert (add_release_commits(release, [c, a]), names(commits_of(release))) == (0, "cba")
    set_release_commits(release, [])
    assert commits_of(release) == [] and Commit.objects.count() == 3
