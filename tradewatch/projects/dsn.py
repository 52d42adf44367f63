"""The DSN that a client is given: `http://KEY@host:port/ID`, with the public URL's path prefix if it has one."""

from urllib.parse import urlsplit

from django.conf import settings

from tradewatch.projects.models import Project, ProjectKey


def dsn_of(project: Project) -> str | None:
    """Return the DSN with the project's oldest key that is not revoked; None when there is none."""
    key = project.keys.filter(revoked_at=None).order_by("id").first()
    return None if key is None else dsn_with(key)


def dsn_with(key: ProjectKey) -> str:
    url = urlsplit(settings.PUBLIC_URL)
    return f"{url.scheme}://{key.public_key}@{url.netloc}{url.path}/{key.project_id}"
