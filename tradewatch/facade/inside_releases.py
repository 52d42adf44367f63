"""What `inside` does about deployments: the services behind the API, and the same answers."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from releases.deployments.asked import Start
from releases.deployments.serializers import DeploymentAnswer
from releases.deployments.services import complete_deployment, start_deployment
from releases.deployments.status import release_status
from releases.notes.asked import read_asked
from releases.notes.presenting import presented
from releases.notes.queries import asked_notes
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Unknown
from tradewatch.projects.models import Project


def start(actor: Actor, project_id: int, body: Mapping[str, Any]) -> Mapping[str, Any]:
    project = Project.objects.get(pk=project_id)
    return DeploymentAnswer(start_deployment(actor, project, Start(**body), now=timezone.now()).deployment).data


def complete(actor: Actor, deployment_id: int, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return DeploymentAnswer(complete_deployment(actor, deployment_id, **body, now=timezone.now())).data


def notes(project_id: int, version: str, asked: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the notes; empty where nothing is known of the version."""
    wanted = read_asked(asked)
    try:
        found = asked_notes(project_id, version, wanted)
    except Unknown:
        return {}
    return presented(found)


def status_of(project_id: int, environment: str | None) -> Mapping[str, Any]:
    return release_status(Project.objects.get(pk=project_id), environment, now=timezone.now())
