"""People, projects and rows for tests of the admin."""

from django.contrib.auth.models import User
from django.utils import timezone

from alerts.choices import AlertCategory, AlertSeverity
from alerts.models import Alert
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.choices import ErrorSeverity
from tradewatch.errors.models import Issue
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project
from tradewatch.projects.services import add_member


def make_project(slug: str = "desk") -> Project:
    return Project.objects.create(name=slug.title(), slug=slug)


def make_person(name: str, role: Role | None = None, project: Project | None = None) -> User:
    user = User.objects.create_user(name, f"{name}@desk.example", "pass word 1", is_staff=True)
    if role is not None and project is not None:
        add_member(SYSTEM, project, user, role)
    return user


def make_issue(project: Project, title: str = "KeyError: 'margin'", number: int = 1) -> Issue:
    now = timezone.now()
    return Issue.objects.create(
        project=project,
        number=number,
        title=title,
        severity=ErrorSeverity.ERROR,
        first_seen_at=now,
        last_seen_at=now,
    )


def make_alert(project: Project, key: str = "issue:1") -> Alert:
    now = timezone.now()
    return Alert.objects.create(
        project=project,
        dedup_key=key,
        severity=AlertSeverity.ERROR,
        category=AlertCategory.ERROR,
        source="errors",
        title="New issue",
        starts_at=now,
        last_at=now,
    )
