"""What an install without any event shows: the DSN and where to put it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from tradewatch.projects.dsn import dsn_of
from tradewatch.projects.models import Project


@dataclass(frozen=True, slots=True)
class Snippet:
    name: str
    help: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """`dsn` empty: the project has no key that works."""

    project_id: int
    project_name: str
    dsn: str
    snippets: list[Snippet]
    version: str
    database: str
    mail: str


def first_steps(project: Project) -> FirstSteps:
    dsn = dsn_of(project) or ""
    return FirstSteps(
        project_id=project.pk,
        project_name=project.name,
        dsn=dsn,
        snippets=make_snippets(dsn),
        version=settings.VERSION,
        database="PostgreSQL" if settings.IS_POSTGRES else f"SQLite in {settings.HOME}",
        mail=settings.EMAIL_HOST or f"not set up: mails become files in {settings.EMAIL_FILE_PATH}",
    )


def make_snippets(dsn: str) -> list[Snippet]:
    return [
        Snippet(
            "Python, FastAPI, Django",
            "pip install sentry-sdk",
            [
                "import sentry_sdk",
                "",
                "sentry_sdk.init(",
                f'    dsn="{dsn}",',
                '    environment="production",',
                '    release="trading-api@2.0.1",',
                "    traces_sample_rate=0.2,",
                ")",
            ],
        ),
        Snippet(
            "Node",
            "npm install @sentry/node",
            ['const Sentry = require("@sentry/node");', f'Sentry.init({{ dsn: "{dsn}", tracesSampleRate: 0.2 }});'],
        ),
        Snippet(
            "Browser",
            "npm install @sentry/browser",
            ['import * as Sentry from "@sentry/browser";', f'Sentry.init({{ dsn: "{dsn}" }});'],
        ),
        Snippet("sentry-cli", "one event by hand", [f'SENTRY_DSN="{dsn}" sentry-cli send-event -m "hello"']),
        Snippet(
            "curl",
            "no SDK at all",
            [
                f'curl "{_store_url(dsn)}" \\',
                '    -d \'{"message": "hello", "level": "error"}\'',
            ],
        ),
    ]


def _store_url(dsn: str) -> str:
    """Return where an event may be posted without an SDK, with the key in the query."""
    url = urlsplit(dsn)
    path, _, project_id = url.path.rpartition("/")
    host = url.netloc.rpartition("@")[2]
    return f"{url.scheme}://{host}{path}/api/{project_id}/store/?sentry_key={url.username}"
