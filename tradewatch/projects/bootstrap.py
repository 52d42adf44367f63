"""What the first start creates: the project `default` with its key, and the staff account `admin`."""

import secrets

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from tradewatch.core import audit
from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Conflict
from tradewatch.projects.dsn import dsn_of
from tradewatch.projects.models import Project
from tradewatch.projects.queries import FIRST_PROJECT
from tradewatch.projects.services import create_project

ADMIN = "admin"


def bootstrap() -> list[str]:
    """Create what is missing and return the lines to print; none on a later start. Several starts at once are safe."""
    return [*_first_account(), *_first_project()]


def _first_account() -> list[str]:
    if User.objects.filter(is_superuser=True).exists():
        return []
    password = settings.ADMIN_PASSWORD or secrets.token_urlsafe(12)
    try:
        with transaction.atomic():
            user = User.objects.create_superuser(ADMIN, settings.ADMIN_EMAIL, password)
            audit.record(SYSTEM, "user.create", user)
    except IntegrityError:  # another process was first, or an account without the rights has the name
        return []
    shown = "the one in TRADEWATCH_ADMIN_PASSWORD" if settings.ADMIN_PASSWORD else password
    return [f"Staff login: {ADMIN}, password: {shown}"]


def _first_project() -> list[str]:
    if Project.objects.exists():
        return []
    try:
        project = create_project(SYSTEM, name="Default", slug=FIRST_PROJECT)
    except Conflict:
        return []
    return [f"DSN of project {FIRST_PROJECT}: {dsn_of(project)}"]
