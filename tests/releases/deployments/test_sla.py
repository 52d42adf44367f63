from datetime import timedelta
from typing import Any

import pytest

from releases.choices import DeploymentState
from releases.deployments.services import complete_deployment
from releases.models import Deployment, ReleaseSettings
from sla.choices import Indicator
from sla.measuring import measure_for
from sla.models import Correction
from sla.sources import definition_faults, source_of
from tests.projects.builders import make_project, make_token
from tests.releases.builders import MINUTE, NOW, make_deployment
from tradewatch.core.actors import SYSTEM, Actor

pytestmark = pytest.mark.django_db
EPOCH = int(NOW.timestamp()) // 60 * 60


def took(seconds: int, *, ended: int = 0, state: DeploymentState = DeploymentState.SUCCEEDED, **fields: Any) -> None:
    """A deployment that ended so many minutes after NOW."""
    finished_at = NOW + ended * MINUTE
    make_deployment(state=state, started_at=finished_at - timedelta(seconds=seconds), finished_at=finished_at, **fields)


def read(environment: str = "production") -> dict[int, tuple[int, int]]:
    """{minute from NOW: (completed, of those not in time)}"""
    measure = measure_for(make_project(), environment, Indicator.DEPLOYMENT, {"seconds": 300})
    counted = source_of(Indicator.DEPLOYMENT).read([measure], EPOCH, EPOCH + 3600, NOW)[measure.pk]
    return {(at - EPOCH) // 60: (each.received, each.received_bad) for at, each in counted.minutes.items()}


def test_completed_deployments_count_in_the_minute_they_ended() -> None:
    took(300)  # on the limit
    took(301)
    took(10, state=DeploymentState.FAILED)
    took(10, state=DeploymentState.ROLLED_BACK, ended=5)
    took(10, environment="staging", ended=5)
    took(43_200, state=DeploymentState.ABANDONED)
    took(10, ended=-1)  # in the minute before
    took(10, project=make_project("other"))
    make_deployment(state=DeploymentState.IN_PROGRESS)
    assert read() == {0: (3, 2), 5: (1, 1)}
    assert read("") == {0: (3, 2), 5: (2, 1)}
    assert read("qa") == {}


@pytest.mark.parametrize("definition", [{}, {"seconds": 0}, {"seconds": "soon"}, {"seconds": 300, "more": 1}])
def test_a_target_says_within_how_many_seconds(definition: dict[str, Any]) -> None:
    assert definition_faults(Indicator.DEPLOYMENT, definition, make_project())
    assert not definition_faults(Indicator.DEPLOYMENT, {"seconds": 300}, make_project())


# --- exclusions --------------------------------------------------------------------------------------------------
def complete(row: Deployment, *, success: bool = True, actor: Actor = SYSTEM) -> None:
    complete_deployment(actor, row.pk, success=success, now=NOW + 3 * MINUTE)


def test_deployments_stay_in_the_figures_unless_the_project_wants_them_out() -> None:
    complete(make_deployment(state=DeploymentState.IN_PROGRESS))
    assert not Correction.objects.exists()
    ReleaseSettings.objects.create(project=make_project(), excludes_deployments=False)
    complete(make_deployment(state=DeploymentState.IN_PROGRESS))
    assert not Correction.objects.exists()


@pytest.mark.parametrize("success", [True, False])
def test_the_time_of_a_deployment_is_excluded_once(success: bool) -> None:
    ReleaseSettings.objects.create(project=make_project(), excludes_deployments=True)
    row = make_deployment(state=DeploymentState.IN_PROGRESS)
    token, _ = make_token("releases:write")  # no right over SLA of its own
    actor = Actor(kind="token", id=token.pk, label="ci")
    for _ in range(2):
        complete(row, success=success, actor=actor)
    found = Correction.objects.get()
    assert (found.starts_at, found.ends_at, found.environment) == (NOW, NOW + 3 * MINUTE, "production")
    assert (found.kind, found.source_key, found.target) == ("deployment", f"deployment:{row.pk}", None)
    assert found.reason == "Deployment of 2.0.1 by Mara Lindqvist"


def test_a_deployment_that_took_no_time_excludes_none() -> None:
    ReleaseSettings.objects.create(project=make_project(), excludes_deployments=True)
    row = make_deployment(state=DeploymentState.IN_PROGRESS, started_at=NOW + 3 * MINUTE)
    complete(row)
    assert not Correction.objects.exists()
