"""Deployments that are told when they are over, as sentry-cli tells them. Told again, they are the same deployment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from releases.choices import DeploymentState
from releases.commits.drafts import SHA
from releases.deployments.asked import Start, fault_in_message, faults_in
from releases.deployments.queries import deployments_of, names_of, went_out
from releases.deployments.services import complete_deployment, start_deployment
from releases.details.asked import fault_in_moment
from releases.models import Deployment, ReleaseCommit, ReleaseDetail
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project, Release

SAME_MOMENT = timedelta(minutes=1)  # two tellings of one end: of another door of ours, or of a request sent again
SAME_RUN = timedelta(hours=24)  # in which a run of a pipeline, known by its url, may try again


@dataclass(frozen=True, slots=True)
class Ended:
    """A deployment that went out. `started_at` None: nobody said."""

    environment: str
    finished_at: datetime
    started_at: datetime | None = None
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """`is_new` False: it was known, or in progress and is now completed."""

    deployment: Deployment
    is_new: bool


@transaction.atomic
def record_deployment(actor: Actor, release: Release, ended: Ended, *, now: datetime) -> Recorded:
    """Store that a release went out. Goes through the same doors as a start and its completion.

    One of the release in progress there is completed. Raises `NotAllowed`, and `Invalid` by field.
    """
    access.require(actor, release.project_id, Role.RESPONDER, scope=Scope.RELEASES_WRITE)
    start = Start(ended.environment, version=release.version, commit=_commit_of(release), url=ended.url)
    if errors := {**faults_in(start), **_faults_in(ended, now=now)}:
        raise Invalid("bad deployment", errors=errors)
    # Two jobs that tell the same end wait for each other here: in progress it is only within a transaction.
    Release.objects.select_for_update().get(pk=release.pk)
    if known := _known(release, ended):
        return Recorded(known, is_new=False)
    running = _running(release, ended.environment)
    opened = running or _start(actor, release.project, start, ended)
    end = min(ended.finished_at, now)
    row = complete_deployment(actor, opened.pk, success=True, message=ended.name, now=end)
    return Recorded(row, is_new=running is None)


def is_same(earlier: Deployment, ended: Ended) -> bool:
    """Return whether what an environment runs, of the same version, is the deployment that is told of.

    They ended at about the same moment; or both name the same run of a pipeline, within a day.
    """
    apart = abs((earlier.finished_at or earlier.started_at) - ended.finished_at)
    return apart <= SAME_MOMENT or bool(ended.url and ended.url == earlier.url and apart <= SAME_RUN)


def _faults_in(ended: Ended, *, now: datetime) -> dict[str, list[str]]:
    found = {"finished_at": fault_in_moment(ended.finished_at, now=now), "name": fault_in_message(ended.name)}
    if ended.started_at is not None and ended.started_at > ended.finished_at:
        found["started_at"] = "is after the end"
    return {name: [text] for name, text in found.items() if text}


def _known(release: Release, ended: Ended) -> Deployment | None:
    """Return the deployment if the last that went out there is it: one of another version since makes it news."""
    last = went_out([release.project_id], ended.environment).order_by("-finished_at", "-id").first()
    return last if last is not None and last.version in names_of(release) and is_same(last, ended) else None


def _running(release: Release, environment: str) -> Deployment | None:
    rows = deployments_of([release.project_id], environment).filter(state=DeploymentState.IN_PROGRESS)
    return rows.filter(version__in=names_of(release)).order_by("-started_at", "-id").first()


def _start(actor: Actor, project: Project, start: Start, ended: Ended) -> Deployment:
    return start_deployment(actor, project, start, now=ended.started_at or ended.finished_at).deployment


def _commit_of(release: Release) -> str:
    """Return the newest commit of the release as it was told, else the one that its ref is; empty where neither is."""
    listed = ReleaseCommit.objects.filter(release=release, position=0).values_list("commit__sha", flat=True).first()
    ref = ReleaseDetail.objects.filter(release=release).values_list("ref", flat=True).first() or ""
    return listed or (ref if SHA.fullmatch(ref) else "")
