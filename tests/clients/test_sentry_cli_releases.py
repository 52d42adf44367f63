"""Every command of the stock sentry-cli about releases and deploys, against a running server: exit codes and words."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.clients.sentry_cli import Ran, SentryCli
from tests.clients.stored import ask
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]


@pytest.fixture
def cli(shared_server: Server, tmp_path: Path) -> SentryCli:
    return SentryCli(shared_server.url, shared_server.token("releases:write"), tmp_path)


def new_version(before: str = "oms@1.2.3", after: str = "") -> str:
    return f"{before}-{secrets.token_hex(4)}{after}"


def test_a_token_of_ours_logs_in(cli: SentryCli) -> None:
    told = cli("info")
    assert told.code == 0
    assert "User: token test" in told.told and "- releases:write" in told.told
    assert [row[1:3] for row in cli("organizations", "list").rows] == [["TradeWatch", "tradewatch"]]
    assert "default" in [row[1] for row in cli("projects", "list").rows]
    refused = cli("info", SENTRY_AUTH_TOKEN="tw_unknown")
    assert refused.code == 1 and "the token is unknown, expired or revoked" in refused.told


def test_a_token_without_the_scope_is_told_so(shared_server: Server, cli: SentryCli, tmp_path: Path) -> None:
    reader = SentryCli(shared_server.url, shared_server.token("releases:read"), tmp_path)
    refused = reader("releases", "new", new_version())
    assert refused.code == 1 and "the token needs the scope releases:write" in refused.told
    stranger = SentryCli(shared_server.url, shared_server.token("sla:read"), tmp_path)
    assert "the token needs the scope releases:read" in stranger("releases", "list").told


def test_a_release_from_new_to_its_deletion(cli: SentryCli) -> None:
    version = new_version(after="+b.7")
    assert cli("releases", "info", version) == Ran(1, "")
    made = cli("releases", "new", version, "--url", "https://ci.example/8812")
    assert made == Ran(0, f"Created release {version}\n") == cli("releases", "new", version)  # CI retries
    [shown] = cli("releases", "info", version, "-P", "-C").rows
    assert (shown[0], shown[2:]) == (version, ["default", "-"])
    assert ["(unreleased)", version, "0", "-"] in cli("releases", "list").rows
    assert version in cli("releases", "list", "--raw").told.splitlines()
    done = cli("releases", "finalize", version, "--released", "1764147600")
    assert done == Ran(0, f"Finalized release {version}\n") == cli("releases", "finalize", version)
    [listed] = [row for row in cli("releases", "list", "-P").rows if row[1] == version]
    assert int(listed[0].removesuffix(" hours ago")) > 8000  # the first time holds
    assert listed[2] == "default"
    assert cli("releases", "archive", version) == Ran(0, f"Archived release {version}\n")
    assert version not in cli("releases", "list", "--raw").told.splitlines()
    assert cli("releases", "info", version).code == 0
    assert cli("releases", "restore", version) == Ran(0, f"Restored release {version}\n")
    assert version in cli("releases", "list", "--raw").told.splitlines()
    assert cli("releases", "delete", version) == Ran(0, f"Deleted release {version}!\n")
    again = cli("releases", "delete", version)
    assert again == Ran(0, f"Did nothing. Release with this version ({version}) does not exist.\n")
    assert cli("releases", "info", version).code == 1


@pytest.mark.parametrize("after", ["+b ü@x", "%2B&?#;", "-ночь=--x"])
def test_an_odd_version_is_one_release(cli: SentryCli, after: str) -> None:
    version = new_version(after=after)
    assert cli("releases", "new", version, "--finalize") == Ran(0, f"Created release {version}\n")
    assert cli("releases", "info", version).rows[0][0] == version
    assert cli("deploys", "new", "-r", version, "-e", "staging").code == 0
    assert [row[0] for row in cli("deploys", "list", "-r", version).rows] == ["staging"]
    assert cli("releases", "delete", version).code == 0


def test_what_is_told_is_stored(cli: SentryCli, shared_server: Server) -> None:
    version = new_version()
    cli("releases", "new", version, "--url", "https://ci.example/8812", "--finalize")
    code = f"""
import json
from releases.models import ReleaseDetail
row = ReleaseDetail.objects.get(release__version={version!r})
print(json.dumps([row.url, row.created_by, row.finalised_at is not None, row.release.project.slug]))
"""
    assert ask(shared_server, code) == ["https://ci.example/8812", "test", True, "default"]


def test_a_release_of_several_projects(cli: SentryCli, shared_server: Server) -> None:
    other = f"risk-{secrets.token_hex(3)}"
    shared_server.manage("shell", "--no-imports", "-c", PROJECT.format(slug=other))
    version = new_version()
    assert cli("releases", "new", version, "-p", "default", "-p", other).code == 0
    shown = cli("releases", "info", version, "--show-projects").told
    assert "default" in shown and other in shown
    assert version in cli("releases", "list", "--raw", "-p", other).told.splitlines()
    assert cli("releases", "list", "--raw", SENTRY_PROJECT="").told.splitlines().count(version) == 1
    missing = cli("releases", "new", version, "-p", "nowhere")
    assert missing.code == 1 and "project 'nowhere' is unknown, or not visible to this token" in missing.told
    assert cli("deploys", "new", "-r", version, "-e", "production", "-p", other).code == 0
    assert len(cli("deploys", "list", "-r", version).rows) == 1
    assert cli("releases", "delete", version).code == 0
    assert version not in cli("releases", "list", "--raw", "-p", other).told


PROJECT = """
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.services import create_project
create_project(SYSTEM, name={slug!r}, slug={slug!r})
"""


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("-x", "bad release: version must not be . or .. nor begin with -"),
        ("--upload-pack=x", "bad release: version must not be . or .. nor begin with -"),
        ("a\u202eb", "bad release: version must not contain control or invisible characters"),
        ("a\x1b[31m", "bad release: version must not contain control or invisible characters"),
        ("9" * 10_240, "bad release: version is longer than 250 characters"),
    ],
)
def test_a_hostile_version_is_refused_in_words(cli: SentryCli, version: str, words: str) -> None:
    refused = cli("releases", "new", version)
    assert refused.code == 1 and words in refused.told, refused.told
    for command in (["releases", "info"], ["releases", "finalize"], ["releases", "delete"], ["deploys", "list", "-r"]):
        assert cli(*command, version).code == 1


def test_a_deploy_is_a_deployment_and_a_retry_the_same(cli: SentryCli, shared_server: Server) -> None:
    version, environment = new_version(), f"prod-{secrets.token_hex(3)}"
    unknown = cli("deploys", "new", "-r", version, "-e", environment)
    assert unknown.code == 1 and "Release not found" in unknown.told
    cli("releases", "new", version)
    deploy = [
        "deploys",
        "new",
        "-r",
        version,
        "-e",
        environment,
        "-n",
        "blue",
        "-u",
        "https://ci.example/9",
        "-t",
        "90",
    ]
    with ThreadPoolExecutor(4) as jobs:
        told = list(jobs.map(lambda _: cli(*deploy), range(4)))
    assert told == 4 * [Ran(0, f"Created new deploy blue for '{environment}'\n")]
    [row] = cli("deploys", "list", "-r", version).rows
    assert row[:2] == [environment, "blue"]
    code = f"""
import json
from releases.models import Deployment
print(json.dumps([
    [row.version, row.state, row.url, row.deployed_by, row.duration.total_seconds()]
    for row in Deployment.objects.filter(environment={environment!r})
]))
"""
    assert ask(shared_server, code) == [[version, "succeeded", "https://ci.example/9", "test", 90.0]]


def test_what_there_is_not_is_said(cli: SentryCli) -> None:
    told = cli("issues", "list")
    assert told.code == 1 and "TradeWatch does not serve /api/0/projects/tradewatch/default/issues" in told.told
    elsewhere = cli("releases", "list", SENTRY_ORG="acme", SENTRY_PROJECT="")
    assert elsewhere.code == 1 and "organization not found" in elsewhere.told.lower()


def test_source_maps_are_stored_as_a_bundle_of_the_release(cli: SentryCli, shared_server: Server) -> None:
    version, folder = new_version("web@1.4.0", "+b"), cli.folder / "dist"
    folder.mkdir()
    (folder / "app.js").write_text("console.log(1)\n//# sourceMappingURL=app.js.map\n")
    sources = {"version": 3, "sources": ["app.ts"], "names": [], "mappings": "AAAA"}
    (folder / "app.js.map").write_text(json.dumps({**sources, "sourcesContent": [secrets.token_hex(2_500_000)]}))
    upload = ["sourcemaps", "upload", "--release", version, "--dist", "d1", str(folder)]
    first = cli(*upload)
    assert first.code == 0 and "Uploaded files to Sentry" in first.told, first.told
    again = cli(*upload)
    assert again.code == 0 and "Nothing to upload, all files are on the server" in again.told
    code = f"""
import io, json, zipfile
from releases.models import ReleaseArtifact, UploadedChunk
rows = list(ReleaseArtifact.objects.filter(release__version={version!r}))
names = [sorted(zipfile.ZipFile(io.BytesIO(bytes(row.content))).namelist()) for row in rows]
print(json.dumps([names, [row.dist for row in rows], rows[0].size > 2 * 1024**2, UploadedChunk.objects.count()]))
"""
    names, dists, has_chunks, left = ask(shared_server, code)
    assert names == [["files/_/_/app.js", "files/_/_/app.js.map", "manifest.json"]]
    assert (dists, has_chunks, left) == (["d1"], True, 0)
    assert cli("sourcemaps", "inject", str(folder)).code == 0  # by its ids sentry-cli would do without a release
    nameless = cli("sourcemaps", "upload", str(folder))
    assert nameless.code == 1 and "TradeWatch keeps artifacts with their release" in nameless.told
