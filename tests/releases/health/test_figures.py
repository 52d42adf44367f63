import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.health.figures import Health

COUNTS = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (Health(), (None, None, None, None)),
        (Health(100, 10, 2, 50, 1, 400, 200), (0.98, 0.98, 0.25, 0.25)),
        (Health(0, 0, 0, 0, 0, 400, 200), (None, None, 0.0, 0.0)),
        (Health(3, 3, 3, 1, 1, 3, 1), (0.0, 0.0, 1.0, 1.0)),
        (Health(10, 0, 0, 7, 0, 10, 0), (1.0, 1.0, 1.0, None)),
        (Health(1, 2, 2, 10, 11, 0, 9), (0.0, 0.0, None, 1.0)),  # sketches may be off by one
    ],
)
def test_shares(health: Health, expected: tuple[float | None, ...]) -> None:
    found = (health.crash_free_sessions, health.crash_free_users, health.adoption, health.user_adoption)
    assert found == expected


@given(st.builds(Health, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS))
def test_a_share_is_from_0_to_1_or_unknown(health: Health) -> None:
    for share in (health.crash_free_sessions, health.crash_free_users, health.adoption, health.user_adoption):
        assert share is None or 0.0 <= share <= 1.0
