"""How to connect: the DSN and where to put it, what arrived, and why nothing does. Of a project, at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model

from tradewatch.dashboard.health import Indicator, health, worst_of
from tradewatch.dashboard.snippets import Snippet, make_snippets
from tradewatch.projects.dsn import dsn_of
from tradewatch.projects.models import ApiToken, Project

_ABOUT_ARRIVAL = ("Ingest", "Inbox", "Worker", "Dead letters")
_ABOUT_INSTALL = ("Database", "Disk", "Clock", "Mail")


@dataclass(frozen=True, slots=True)
class Step:
    """One of what comes after the first event. `permission`: who may do it."""

    is_done: bool
    name: str
    text: str
    verb: str
    link: str
    permission: str


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """`dsn` empty: the project has no key that works."""

    project_id: int
    project_name: str
    dsn: str
    snippets: Sequence[Snippet]
    steps: Sequence[Step]
    version: str
    arrival: Sequence[Indicator]
    install: Sequence[Indicator]
    worst: str
    since: datetime

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)


def first_steps(project: Project, *, now: datetime) -> FirstSteps:
    dsn = dsn_of(project) or ""
    lines = health(now)
    install = [line for line in lines if line.name in _ABOUT_INSTALL]
    return FirstSteps(
        project_id=project.pk,
        project_name=project.name,
        dsn=dsn,
        snippets=make_snippets(dsn, release=f"{project.slug}@1.0.0") if dsn else [],
        steps=_steps(project),
        version=settings.VERSION,
        arrival=[line for line in lines if line.name in _ABOUT_ARRIVAL],
        install=install,
        worst=worst_of(install),
        since=now,
    )


def _steps(project: Project) -> list[Step]:
    readers = ", ".join(settings.ALERT_MAIL_TO) or "the project's members"
    return [
        Step(
            bool(settings.EMAIL_HOST),
            "Let alerts reach somebody",
            f"They go to {readers}"
            + (
                " by mail."
                if settings.EMAIL_HOST
                else f", as files in {settings.EMAIL_FILE_PATH}: no mail server is set."
            ),
            "Rules",
            "/admin/alerts/alertrule/",
            "alerts.view_alertrule",
        ),
        Step(
            get_user_model()._default_manager.filter(is_active=True, is_staff=True)[1:2].exists(),
            "Give others a login",
            "Viewers look, responders acknowledge and resolve, managers change rules.",
            "Add a person",
            "/admin/auth/user/add/",
            "auth.add_user",
        ),
        Step(
            ApiToken.objects.filter(revoked_at=None).exists(),
            "Make a token for CI",
            "For the REST API: status, metrics and alerts now, deployments when they come.",
            "Make a token",
            "/admin/projects/apitoken/add/",
            "projects.add_apitoken",
        ),
    ]
