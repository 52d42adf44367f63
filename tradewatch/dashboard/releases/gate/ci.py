"""/releases/ci: the lines for CI with this server's own address, and the script that they call."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tradewatch.dashboard.pages import page, show, staff_only
from tradewatch.dashboard.releases.gate.snippets import make_ci_snippets
from tradewatch.dashboard.scope import Scope

SCRIPT = "tradewatch-deploy.sh"


def script_path() -> Path:
    return Path(settings.BASE_DIR) / "examples" / "ci" / SCRIPT


@page
def snippets(request: HttpRequest, scope: Scope) -> HttpResponse:
    return show(
        request,
        scope,
        "releases/gate/ci.html",
        {"snippets": make_ci_snippets(settings.PUBLIC_URL), "script": script_path().read_text().splitlines()},
        crumb="CI snippets",
        crumbs=[("Releases", reverse("releases") + scope.query)],
    )


@staff_only
def script(request: HttpRequest) -> HttpResponse:
    """The script as a file."""
    return HttpResponse(
        script_path().read_bytes(),
        content_type="text/x-shellscript; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{SCRIPT}"'},
    )
