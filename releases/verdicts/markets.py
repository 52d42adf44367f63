"""Which market an environment follows, as the project has said elsewhere."""

from collections.abc import Iterator

from django.db.models import OuterRef, Q, Subquery

from alerts.models import QuietHours
from releases.models import DeploymentWindow
from sla.models import Target, TargetVersion

ALWAYS_OPEN = "24/7"


def market_code(project_id: int, environment: str) -> str:
    """Return the calendar of its deployment windows, else of its SLA targets, else of the quiet hours; empty: none.

    What names the environment comes before what is for any.
    """
    found = (code for codes in _codes(project_id, environment) for code in codes if code and code != ALWAYS_OPEN)
    return next(found, "")


def _codes(project_id: int, environment: str) -> Iterator[list[str]]:
    here = Q(environment=environment) | Q(environment="")
    windows = DeploymentWindow.objects.filter(here, project=project_id, is_enabled=True)
    yield list(windows.order_by("-environment", "pk").values_list("calendar", flat=True))
    newest = TargetVersion.objects.filter(target=OuterRef("target")).order_by("-number").values("pk")[:1]
    targets = Target.objects.filter(project=project_id, archived_at=None)
    versions = TargetVersion.objects.filter(here, target__in=targets, pk=Subquery(newest))
    yield list(versions.order_by("-environment", "target").values_list("market", flat=True))
    yield list(QuietHours.objects.order_by("pk").values_list("calendar", flat=True))
