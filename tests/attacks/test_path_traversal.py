"""A name that climbs out of its folder opens no file: of static files, of git repositories, of downloads."""

from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from releases.git.naming import is_ref_name
from tests.projects.builders import make_user
from tradewatch.core.file_names import safe_file_name

pytestmark = pytest.mark.once
UP = "../" * 8
CLIMBING = (
    f"{UP}etc/passwd", f"a/{UP}etc/passwd", f"//{UP}etc/passwd", "/etc/passwd", f"{UP}etc/passwd%00.css",
    quote(f"{UP}etc/passwd", safe=""), quote(quote(f"{UP}etc/passwd", safe=""), safe=""), "..%c0%af..%c0%afetc/passwd",
    "....//....//etc/passwd", "..\\..\\etc\\passwd", "file:///etc/passwd", "../tradewatch/settings.py", "../../.env",
)  # fmt: skip
SECRET = ("root:", "SECRET_KEY =", "TRADEWATCH_")


@pytest.mark.django_db
@pytest.mark.parametrize("path", CLIMBING)
def test_no_route_that_takes_a_path_serves_a_file(client: Client, path: str) -> None:
    client.force_login(make_user("chief", is_superuser=True))
    for before in ("/static/", "/static/dashboard/", "/api/0/", "/admin/errors/issue/", "/api/docs/", "/"):
        answer = client.get(before + path)
        text = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code in (301, 302, 400, 404, 405), before
        assert not [each for each in SECRET if each.encode() in text], before


@pytest.mark.parametrize("path", CLIMBING)
def test_a_download_is_called_by_its_last_part(path: str) -> None:
    name = safe_file_name(path)
    assert "/" not in name and "\\" not in name and not name.startswith(".")
    assert (Path("/srv/downloads") / name).resolve().parent == Path("/srv/downloads")


@pytest.mark.parametrize(
    "name", [f"{UP}etc/passwd", "--upload-pack=touch /tmp/x", "-x", "a..b", "@{-1}", "refs/../../x"]
)
def test_no_name_of_a_version_is_an_option_or_a_path_to_git(name: str) -> None:
    assert not is_ref_name(name)
