from datetime import UTC, datetime, timedelta

import pytest

from tradewatch.projects.releases import ReleaseOrder, is_after, is_at_or_after, order_key, package_of

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)


def release(version: str, *, first_seen_at: datetime = MORNING) -> ReleaseOrder:
    return ReleaseOrder(version, order_key(version), first_seen_at)


# https://semver.org/, 11, with what clients add: packages, a leading v, more or fewer numbers
IN_ORDER = [
    "oms@0.9.9",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-alpha-b",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "v1.0.0",
    "1.0.0.1",
    "1.0.1",
    "1.2",
    "1.10",
    "2.0.0-rc1",
    "2.0.0+build.5",
    "10.0.0",
    "2026.1.7",
]


def test_keys_sort_as_the_versions_do() -> None:
    keys = [order_key(version) for version in IN_ORDER]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_keys_sort_alike_in_every_collation() -> None:
    assert all(character in "0123456789abcdefz" for version in IN_ORDER for character in order_key(version))


@pytest.mark.parametrize("version", ["", "4f1c2ab", "1234567", "main", "1.x", "oms@", "1.0.0-", "1.0.0-" + "a" * 200])
def test_what_is_not_semver_has_no_key(version: str) -> None:
    assert order_key(version) == ""


@pytest.mark.parametrize(("one", "other"), [("1.2", "1.2.0"), ("v1.2.0", "1.2.0"), ("1.2.0+a", "1.2.0+b")])
def test_equal_precedence(one: str, other: str) -> None:
    assert order_key(one) == order_key(other)
    assert is_at_or_after(release(one), release(other))
    assert not is_after(release(one), release(other))


def test_package() -> None:
    assert package_of("trading-api@2.0.1") == "trading-api"
    assert package_of("2.0.1") == ""


@pytest.mark.parametrize(
    ("new", "old", "later_seen", "after"),
    [
        ("oms@4.12.1", "oms@4.12.0", False, True),
        ("oms@4.9.0", "oms@4.12.0", True, False),  # a hotfix of an old line is seen later, yet comes before
        ("oms@4.13.0-rc1", "oms@4.13.0", True, False),
        ("oms@4.13.0", "oms@4.13.0-rc1", False, True),
        ("4f1c2ab", "9d0e77c", True, True),  # hashes: by first sight
        ("4f1c2ab", "9d0e77c", False, False),
        ("4.13.0", "9d0e77c", True, True),
        ("risk@9.0.0", "oms@4.12.0", False, False),  # other packages' numbers say nothing: by first sight
        ("risk@1.0.0", "oms@4.12.0", True, True),
    ],
)
def test_order_of_releases(new: str, old: str, later_seen: bool, after: bool) -> None:
    seen_at = MORNING + timedelta(hours=1 if later_seen else -1)
    assert is_after(release(new, first_seen_at=seen_at), release(old)) is after
    assert is_at_or_after(release(new, first_seen_at=seen_at), release(old)) is after


def test_a_release_is_at_itself_and_not_after_itself() -> None:
    assert is_at_or_after(release("9d0e77c"), release("9d0e77c"))
    assert not is_after(release("9d0e77c"), release("9d0e77c"))
