from datetime import timedelta

import pytest

from releases.choices import RollbackState, Verdict
from releases.models import Rollback
from releases.rollbacks.verifying import NEVER_LOOKED, close_unlooked, verify_by_look
from tests.releases.builders import NOW
from tests.releases.rollbacks.builders import deploy, look_at, requested

pytestmark = pytest.mark.django_db
R, V = RollbackState, Verdict


def restored() -> Rollback:
    requested()
    deploy("2.0.0", at=NOW)
    return Rollback.objects.get()


@pytest.mark.parametrize(
    ("looks", "state", "outcome"),
    [
        ([(V.HEALTHY, 5)], R.VERIFIED, "Healthy after 5 min: errors 0.4%"),
        ([(V.UNHEALTHY, 5), (V.HEALTHY, 15)], R.VERIFIED, "Healthy after 15 min"),
        ([(V.INSUFFICIENT, 5), (V.HEALTHY, 60)], R.VERIFIED, "Healthy after 60 min"),
        ([(V.UNHEALTHY, 5), (V.UNHEALTHY, 15)], R.DEPLOYED, ""),
        ([(V.UNHEALTHY, 60)], R.FAILED, "Unhealthy after 60 min"),
        ([(V.INSUFFICIENT, 60)], R.UNVERIFIED, "Too little traffic to tell whether it helped: "),
        ([(V.UNHEALTHY, 15), (V.INSUFFICIENT, 60)], R.FAILED, "Unhealthy after 15 min"),
        ([(V.HEALTHY, 5), (V.UNHEALTHY, 60)], R.VERIFIED, "Healthy after 5 min"),
    ],
)
def test_looks_at_what_restores_close_it(looks: list[tuple[Verdict, int]], state: str, outcome: str) -> None:
    rollback = restored()
    assert rollback.restoring is not None
    for verdict, minutes in looks:
        verify_by_look(look_at(rollback.restoring, verdict, minutes))
    rollback.refresh_from_db()
    assert rollback.state == state
    assert rollback.outcome.startswith(outcome)
    assert (rollback.closed_at is None) is (state == R.DEPLOYED)


def test_looks_at_others_say_nothing() -> None:
    rollback = restored()
    verify_by_look(look_at(rollback.deployment, V.HEALTHY, 5))
    rollback.refresh_from_db()
    assert rollback.state == R.DEPLOYED


def test_what_nobody_looked_at_is_closed_as_not_known() -> None:
    rollback = restored()
    assert rollback.deployed_at is not None
    assert close_unlooked(rollback.deployed_at + timedelta(hours=2, minutes=59)) == 0
    assert close_unlooked(rollback.deployed_at + timedelta(hours=3)) == 1
    rollback.refresh_from_db()
    assert (rollback.state, rollback.outcome) == (R.UNVERIFIED, NEVER_LOOKED)
