import pytest
from pytest_django import DjangoAssertNumQueries

from releases.commits.ranges import commits_between
from releases.commits.storing import add_release_commits, release_named, store_commits
from tests.projects.builders import make_project
from tests.releases.builders import NOW, make_deployment
from tests.releases.commits.builders import draft, make_release, make_repository, names, sha_of

pytestmark = pytest.mark.django_db


def told(older: str | None, newer: str) -> str:
    return names(commits_between(make_project().pk, older, newer))


def test_parents_tell_what_lies_between_whatever_the_lists_say() -> None:
    make_release("1.0", draft("b", "a", minute=1), draft("a", "0"))
    # CI told all since the tag before, and the merged branch
    make_release("1.1", draft("e", "b", "d", minute=4), draft("d", "b", minute=3), draft("b", "a", minute=1))
    make_release("1.2", draft("f", "e", minute=5))
    assert [told("1.0", "1.1"), told("1.1", "1.2"), told("1.0", "1.2")] == ["ed", "f", "fed"]
    assert [told("1.2", "1.0"), told("1.1", "1.1"), told("1.2", "9.9"), told("1.2", "")] == ["", "", "", ""]
    assert told(None, "1.1") == "edb"


def test_without_parents_the_lists_between_are_put_together() -> None:
    make_release("api@1.0.0", draft("a"), minute=9)  # told late: its version says that it comes first
    make_release("api@1.1.0", draft("c"), draft("b"), minute=2)
    make_release("api@1.2.0", draft("d"), draft("c"), draft("a"), minute=3)
    make_release("worker@1.1.0", draft("w"))
    assert told("api@1.0.0", "api@1.2.0") == "dcb"
    assert told("1.0.0", "1.2.0") == "dcb"  # as a deployment names them
    assert told("api@1.2.0", "api@1.0.0") == ""
    assert told("0.9.0", "1.2.0") == "dcab"  # a version that nobody told anything of
    assert [told("1.0.5", "1.2.0"), told("1.0.5", "api@1.2.0")] == ["dcab", "dcab"]
    assert told(None, "1.1.0") == "cbw"  # of both packages


def test_ci_leaves_a_package_out_that_clients_send() -> None:
    make_release("1.0.0", draft("a"))
    make_release("1.1.0", draft("b"))
    make_release("1.2.0", draft("c"))
    for version in ("api@1.0.0", "api@1.2.0"):
        release_named(make_project(), version, now=NOW)  # an event named it; nobody told of what it is made
    assert [told("api@1.0.0", "api@1.2.0"), told(None, "api@1.2.0"), told("1.0.0", "api@1.2.0")] == ["cb", "c", "cb"]


def test_versions_without_an_order_follow_each_other_as_they_were_heard_of() -> None:
    make_release("blue", draft("a"), minute=1)
    make_release("amber", draft("b"), minute=2)
    make_release("aqua", draft("c"), minute=3)
    assert [told("blue", "aqua"), told("aqua", "blue")] == ["cb", ""]
    assert told("nobody-knows", "aqua") == "c"


def test_a_hash_is_a_version_too_and_a_deployments_commit_stands_for_its_version() -> None:
    store_commits(make_repository(), [draft("c", "b", minute=3), draft("b", "a", minute=2), draft("a", "0")])
    assert told(sha_of("a"), sha_of("c")) == "cb"
    assert told(sha_of("a")[:7], sha_of("b").upper()) == "b"
    make_deployment("2.0", commit=sha_of("a")[:9])
    make_deployment("2.1", commit=sha_of("c"))
    assert told("2.0", "2.1") == "cb"
    assert told(None, "2.1") == "c"


def test_two_repositories_each_have_their_range() -> None:
    other = store_commits(make_repository("acme/web", url=""), [draft("x", "w", minute=7), draft("w", "v")])
    add_release_commits(make_release("1.0", draft("a", "0")), other[1:])
    add_release_commits(make_release("1.1", draft("b", "a", minute=1)), other[:1])
    assert told("1.0", "1.1") == "xb"


def test_others_projects_are_not_read() -> None:
    make_release("1.0", draft("a"), project=make_project("other"))
    assert told(None, "1.0") == told(None, sha_of("a")) == ""


def test_a_long_range_costs_few_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    chain = [draft(f"{number:05}", f"{number - 1:05}", minute=number) for number in range(300, 0, -1)]
    long = list(chain)
    make_release("1.0", long[-1])
    make_release("1.1", *long[:-1])
    with django_assert_num_queries(10, exact=False):
        found = commits_between(make_project().pk, "1.0", "1.1")
    assert [each.sha for each in found] == [each.sha for each in long[:-1]]
