import pytest

from tradewatch.errors.suspects import ReleaseCount, suspect_release


def counts(*rates: tuple[int, float]) -> list[ReleaseCount]:
    return [ReleaseCount(f"1.{at}", events, hours) for at, (events, hours) in enumerate(rates)]


@pytest.mark.parametrize(
    ("rates", "version", "says"),
    [
        ([], None, ""),
        ([(0, 5), (0, 5)], None, ""),
        ([(40, 10), (50, 10)], None, ""),  # there from the first known release on, no rise
        ([(0, 10), (1, 10)], "1.1", "first appeared in 1.1; the release before had none"),
        ([(0, 10), (0, 1), (7, 10), (9, 10)], "1.2", "the 2 releases before had none"),
        ([(5, 10), (6, 10), (300, 10), (280, 10)], "1.2", "29.0 events an hour since 1.2, 0.6 before: 52.7x"),
        ([(0, 10), (2, 10), (200, 10)], "1.2", "20.0 events an hour since 1.2"),  # a rise says more than a first sight
        ([(1, 10), (9, 10)], None, ""),  # too few to tell
        ([(5, 1), (50, 10)], None, ""),  # ten times as many in ten times as long
        ([(300, 10), (5, 10)], None, ""),  # it falls
    ],
)
def test_the_release_to_blame(rates: list[tuple[int, float]], version: str | None, says: str) -> None:
    found = suspect_release(counts(*rates))
    assert (found.version if found else None) == version
    assert says in (found.why if found else "")
