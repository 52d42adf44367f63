"""What to paste to connect an application, each way complete: as it stands it sends one event. Tests run them all."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Snippet:
    """`install` comes before the code; `then` says what to do to see the event, empty where running it is enough."""

    key: str
    name: str
    install: str
    code: str
    then: str = ""

    @property
    def lines(self) -> list[str]:
        return self.code.split("\n")


def make_snippets(dsn: str, *, release: str) -> list[Snippet]:
    """Return the ways in the order of the page. `release` names the application: `trading-api@1.0.0`."""
    return [
        Snippet("fastapi", "FastAPI", "pip install sentry-sdk fastapi", _fastapi(dsn, release), "Open /fail once."),
        Snippet("python", "Python", "pip install sentry-sdk", _python(dsn, release)),
        Snippet("node", "Node", "npm install @sentry/node", _node(dsn, release)),
        Snippet("browser", "Browser", "npm install @sentry/browser", _browser(dsn, release)),
        Snippet(
            "sentry-cli", "sentry-cli", "npm install -g @sentry/cli, or pip install sentry-cli", _cli(dsn, release)
        ),
        Snippet("curl", "curl, for CI", "No SDK: one request, durable once it is answered.", _curl(dsn, release)),
    ]


def store_url(dsn: str) -> str:
    """Return where an event may be posted without an SDK, with the key in the query."""
    url = urlsplit(dsn)
    path, _, project_id = url.path.rpartition("/")
    host = url.netloc.rpartition("@")[2]
    return f"{url.scheme}://{host}{path}/api/{project_id}/store/?sentry_key={url.username}"


def _init(dsn: str, release: str) -> str:
    return f"""sentry_sdk.init(
    dsn="{dsn}",
    environment="production",
    release="{release}",
    traces_sample_rate=0.2,
)"""


def _fastapi(dsn: str, release: str) -> str:
    return f"""import sentry_sdk
from fastapi import FastAPI

{_init(dsn, release)}
app = FastAPI()


@app.get("/fail")
def fail() -> None:
    raise RuntimeError("the first error")"""


def _python(dsn: str, release: str) -> str:
    return f"""import sentry_sdk

{_init(dsn, release)}
sentry_sdk.capture_message("hello from Python", level="error")"""


def _node(dsn: str, release: str) -> str:
    return f"""import * as Sentry from "@sentry/node";

Sentry.init({{
  dsn: "{dsn}",
  environment: "production",
  release: "{release}",
  tracesSampleRate: 0.2,
}});

Sentry.captureException(new Error("hello from Node"));
await Sentry.flush(2000);"""


def _browser(dsn: str, release: str) -> str:
    return f"""import * as Sentry from "@sentry/browser";

Sentry.init({{
  dsn: "{dsn}",
  environment: "production",
  release: "{release}",
}});

Sentry.captureException(new Error("hello from the browser"));"""


def _cli(dsn: str, release: str) -> str:
    return f'SENTRY_DSN="{dsn}" \\\n  sentry-cli send-event -m "hello from sentry-cli" -l error -r "{release}"'


def _curl(dsn: str, release: str) -> str:
    return f"""curl -sS -f "{store_url(dsn)}" \\
  -H "Content-Type: application/json" \\
  -d '{{"message": "build failed", "level": "error", "environment": "ci", "release": "{release}"}}'"""
