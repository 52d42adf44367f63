"""Looks at a deployment: which stretches, what was counted in them, what that says."""

from dataclasses import replace
from datetime import datetime, timedelta

from releases.choices import DeploymentState, Verdict
from releases.models import Deployment
from releases.verdicts.evidence import Basis, Evidence, Judgement, Stretch
from releases.verdicts.judging import judge, worse_endpoints
from releases.verdicts.markets import market_code
from releases.verdicts.reading.history import MOST_ENDPOINTS, noise_of
from releases.verdicts.reading.issues import issues_of
from releases.verdicts.reading.place import Place
from releases.verdicts.reading.requests import Requests, requests_of
from releases.verdicts.samples import Counted
from releases.verdicts.stretches import after_of, is_look_of_its_own, pair_of
from tradewatch.calendars.queries import market
from tradewatch.calendars.sessions import Market

UNHEALTHY_BACK = timedelta(hours=24)  # so far back a row of unhealthy deployments is followed to what was before it
_WENT_OUT = (DeploymentState.SUCCEEDED, DeploymentState.ROLLED_BACK)


def follower_of(deployment: Deployment) -> Deployment | None:
    """Return the first deployment of the environment that began after this one's end."""
    later = Deployment.objects.filter(
        project=deployment.project_id, environment=deployment.environment, started_at__gte=deployment.finished_at
    ).exclude(pk=deployment.pk)
    return later.order_by("started_at", "id").first()


def stretch_after(deployment: Deployment, minutes: int, follower: Deployment | None) -> Stretch | None:
    """Return what a look is about; None where the next deployment left nothing that an earlier look has not seen."""
    if deployment.finished_at is None:
        return None
    after = after_of(deployment.finished_at, minutes, followed_at=follower.started_at if follower else None)
    return after if after is not None and is_look_of_its_own(minutes, after) else None


def look_at(deployment: Deployment, after: Stretch, *, minutes: int, follower: Deployment | None) -> Evidence:
    """Return what the stretch says, against the one before."""
    anchor = _anchor(deployment)
    code = market_code(deployment.project_id, deployment.environment)
    pair = pair_of(after, deployment.started_at, anchor=anchor, market=_market(code, anchor, after))
    place = Place(
        deployment.project_id,
        deployment.environment,
        deployment.version,
        deployment.started_at,
        _sharing(pair.before, deployment.started_at) if pair.basis == Basis.DIRECT else pair.before,
        _sharing(pair.after, deployment.finished_at),
    )
    before, requests = requests_of(place)
    judgement = _judged(place, _counted(place, before, requests))
    return Evidence(
        before=place.before,
        after=place.after,
        basis=pair.basis,
        why=pair.why,
        judgement=judgement,
        market=code,
        phase=pair.phase,
        of_version=requests.of_version,
        cut_by=follower.pk if follower and after.minutes < minutes else None,
    )


def _counted(place: Place, before: Requests, after: Requests) -> Counted:
    shares = shares_after(place, before, after)
    return Counted(before.samples, after.samples, issues_of(place, shares), shares)


def _judged(place: Place, counted: Counted) -> Judgement:
    """Judge; where something seems worse, judge again with how much it wanders when nothing is deployed."""
    first = judge(counted)
    failing, slower = worse_endpoints(first.errors), worse_endpoints(first.latencies)
    noise = noise_of(place, failing[:MOST_ENDPOINTS], slower[:MOST_ENDPOINTS])
    return judge(replace(counted, noise=noise)) if failing or slower else first


def shares_after(place: Place, before: Requests, after: Requests) -> tuple[float, ...]:
    """Return the shares of time and, where both stretches had any, of requests that lie after."""
    lengths = [each.minutes + (each.shared is not None) for each in (place.before, place.after)]
    shares = [lengths[1] / sum(lengths)]
    if before.weighted and after.weighted:
        shares.append(after.weighted / (before.weighted + after.weighted))
    return tuple(shares)


def _anchor(deployment: Deployment) -> datetime:
    """Return where the stretch before ends: at the start, or at that of the first of a row of unhealthy deployments.

    What was rolled back is one, also where that was before any look. Else a bad release that follows a bad one would
    look as healthy as that. What somebody decided to keep is normal.
    """
    anchor = deployment.started_at
    earlier = Deployment.objects.filter(
        project=deployment.project_id,
        environment=deployment.environment,
        state__in=_WENT_OUT,
        finished_at__lte=deployment.started_at,
        started_at__gte=deployment.started_at - UNHEALTHY_BACK,
    ).exclude(pk=deployment.pk)
    for each in earlier.order_by("-finished_at", "-id")[:20]:
        if each.state != DeploymentState.ROLLED_BACK and (each.verdict != Verdict.UNHEALTHY or each.kept_at):
            break
        anchor = each.started_at
    return anchor


def _market(code: str, anchor: datetime, after: Stretch) -> Market | None:
    return market(code, anchor, after.end) if code else None


def _sharing(stretch: Stretch, edge: datetime | None) -> Stretch:
    """Add the minute that holds the deployment's start or end, unless that begins with the minute."""
    if edge is None or edge == edge.replace(second=0, microsecond=0):
        return stretch
    return replace(stretch, shared=edge.replace(second=0, microsecond=0))
