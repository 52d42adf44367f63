import gzip
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from releases.artifacts.asked import sha1_of
from releases.models import ReleaseArtifact, UploadedChunk
from tests.projects.builders import bearer, make_project
from tests.releases.sentry_cli.test_api import RELEASES, ROOT, make, refusal, send
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
CHUNKS, ASSEMBLE = f"{ROOT}/chunk-upload/", f"{ROOT}/artifactbundle/assemble/"
FILES = "/api/0/projects/tradewatch/default/releases/1.0/files/"
PARTS = [b"one" * 1000, b"two" * 1000]
NAMES = [sha1_of(part) for part in PARTS]
BUNDLE = {"checksum": sha1_of(b"".join(PARTS)), "chunks": NAMES, "projects": ["default"], "version": "1.0"}


def upload(client: Client, headers: dict[str, str], **files: Any) -> Any:
    return client.post(CHUNKS, files, headers=headers)


def test_a_bundle_from_its_chunks(client: Client) -> None:
    make_project()
    headers = bearer("releases:write")
    options = send(client, "get", CHUNKS, headers=headers).json()
    assert options["chunkSize"] & (options["chunkSize"] - 1) == 0 and options["hashAlgorithm"] == "sha1"
    asked = send(client, "post", ASSEMBLE, BUNDLE, headers)
    assert asked.json() == {"state": "not_found", "missingChunks": NAMES, "detail": None}
    packed = SimpleUploadedFile(NAMES[0], gzip.compress(PARTS[0]))
    assert upload(client, headers, file_gzip=packed, file=SimpleUploadedFile(NAMES[1], PARTS[1])).status_code == 200
    for _ in range(2):
        done = send(client, "post", ASSEMBLE, BUNDLE, headers)
        assert done.json() == {"state": "ok", "missingChunks": [], "detail": None}
    row = ReleaseArtifact.objects.get()
    assert (bytes(row.content), row.release.version) == (b"".join(PARTS), "1.0")
    assert not UploadedChunk.objects.exists()
    old = send(client, "post", f"{RELEASES}1.0/assemble/", BUNDLE, headers)  # as sentry-cli 2 asks
    assert old.json()["state"] == "ok"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": None}, "TradeWatch keeps artifacts with their release: say which, with --release"),
        ({"version": "a/b"}, "bad release: version must not contain / or"),
        ({"checksum": "x"}, "checksum is not a SHA-1"),
        ({"chunks": ["x"]}, "chunks are named by their SHA-1"),
        ({"chunks": "x"}, "chunks is not a list of names"),
        ({"projects": ["nowhere"]}, "project 'nowhere' is unknown"),
    ],
)
def test_a_bundle_that_is_wrong_is_refused_in_a_sentence(client: Client, change: Any, words: str) -> None:
    make_project()
    status, detail = refusal(send(client, "post", ASSEMBLE, {**BUNDLE, **change}))
    assert status == 400 and words in detail
    assert not Release.objects.exists()


def test_chunks_that_are_wrong_are_refused(client: Client) -> None:
    headers = bearer("releases:write")
    for files, words in (
        ({}, "expected chunks as `file` or `file_gzip`"),
        ({"file": SimpleUploadedFile("0" * 40, b"x")}, "is not what its SHA-1 says"),
        ({"file_gzip": SimpleUploadedFile(NAMES[0], PARTS[0])}, "is no gzip"),
        ({"file_gzip": SimpleUploadedFile(NAMES[0], gzip.compress(b"x" * 2_000_000))}, "more than a chunk may"),
    ):
        status, detail = refusal(upload(client, headers, **files))
        assert status == 400 and words in detail
    assert refusal(upload(client, bearer("releases:read")))[0] == 403
    assert not UploadedChunk.objects.exists()


def test_a_file_from_upload_to_deletion(client: Client) -> None:
    make(client, "1.0")
    headers = bearer("releases:write")
    said = {"name": "~/static/app.js", "dist": "d1", "header": ["Sourcemap: app.js.map", "X: y"]}
    first, again = (
        client.post(FILES, {**said, "file": SimpleUploadedFile("app.js", b"alert(1)")}, headers=headers)
        for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 200)
    told = first.json()
    expected = {"name": "~/static/app.js", "dist": "d1", "size": 8, "headers": {"Sourcemap": "app.js.map", "X": "y"}}
    assert told == told | expected
    other = client.post(FILES, {**said, "file": SimpleUploadedFile("app.js", b"alert(2)")}, headers=headers)
    assert refusal(other)[0] == 409
    for path in (FILES, f"{RELEASES}1.0/files/"):
        assert send(client, "get", path).json() == [told]
    loaded = client.get(f"{FILES}{told['id']}/?download=1", headers=headers)
    assert (loaded.content, loaded["Content-Type"]) == (b"alert(1)", "application/octet-stream")
    assert loaded["Content-Disposition"] == 'attachment; filename="app.js"'
    assert loaded["X-Content-Type-Options"] == "nosniff" and "sandbox" in loaded["Content-Security-Policy"]
    assert send(client, "get", f"{FILES}{told['id']}/").json() == told
    assert send(client, "delete", f"{FILES}{told['id']}/").status_code == 204
    assert send(client, "get", f"{FILES}{told['id']}/").status_code == 404


def test_files_are_bounded_and_ones_own(client: Client, settings: Any) -> None:
    settings.ARTIFACT_MAX_BYTES = 10
    make(client, "1.0")
    headers, bound = bearer("releases:write"), bearer("releases:write", projects=[make_project("other")])
    large = client.post(FILES, {"file": SimpleUploadedFile("x", b"x" * 11)}, headers=headers)
    assert refusal(large) == (413, "an artifact may have 10 bytes: x has more")
    huge = client.post(FILES, {}, headers={**headers, "Content-Length": str(2_000_000)})
    assert refusal(huge)[0] == 413
    assert refusal(client.post(FILES, {"name": "x"}, headers=headers))[1] == (
        "expected a file as `file`, in multipart/form-data"
    )
    kept = client.post(FILES, {"file": SimpleUploadedFile("x", b"x")}, headers=headers).json()
    for path in (f"{RELEASES}1.0/files/", f"{RELEASES}1.0/files/{kept['id']}/"):
        assert send(client, "get", path, headers=bound).status_code == 404
    make(client, "2.0")
    assert send(client, "get", f"{RELEASES}2.0/files/{kept['id']}/").status_code == 404
