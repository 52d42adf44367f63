"""Reproductions as files, of any request: they compile, shells give back the body's bytes, nothing becomes code."""

import ast
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from debugging.choices import SecretPlace
from debugging.exports.http_file import http_file
from debugging.exports.pieces import body_text, body_without_slots
from debugging.exports.python_test import pytest_file
from debugging.exports.shapes import Reproduction, Slot
from debugging.exports.shell import curl_file, curl_line
from debugging.requests.shapes import WebRequest
from tests.dashboard.document.test_curl import HOSTILE
from tradewatch.core.faults import Invalid

ECHO = "curl() { printf '%s\\0' \"$@\"; case \"$*\" in *--data-binary*) printf '|'; cat;; esac; }\n"
ANY = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | ANY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY, inner, max_size=4),
    max_leaves=12,
)
PAIRS = st.lists(st.tuples(ANY, ANY), max_size=4).map(tuple)
REQUESTS = st.builds(
    WebRequest,
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "DELETE"]) | ANY,
    path=ANY.map(lambda text: f"/{text}"),
    query=PAIRS,
    headers=PAIRS,
    body=VALUES,
    is_json=st.just(True),
) | st.builds(WebRequest, st.just("POST"), st.just("/"), query=PAIRS, headers=PAIRS, body=ANY, is_json=st.just(False))
SLOTS = (
    Slot(SecretPlace.HEADER, "Authorization", "TRADEWATCH_AUTHORIZATION", is_required=True),
    Slot(SecretPlace.QUERY, "key & more", "TRADEWATCH_KEY", is_required=True),
    Slot(SecretPlace.COOKIE, "session", "TRADEWATCH_SESSION", is_required=False),
    Slot(SecretPlace.BODY, "/pin", "TRADEWATCH_PIN", is_required=True),
)
SECRETS = {slot.variable: "s3cret" for slot in SLOTS}
THOROUGH = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def make(request: WebRequest, **fields: Any) -> Reproduction:
    return Reproduction("DBG-1", fields.pop("title", "KeyError"), "https://watch/debug/1", request, **fields)


def run_shell(
    script: str, shell: str, folder: Path | None = None, env: dict[str, str] | None = None
) -> tuple[list[str], bytes]:
    """Return what curl would be given, and what comes through its pipe."""
    given_env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **SECRETS, **(env or {})}
    done = subprocess.run(
        [shell], input=(ECHO + script).encode(), cwd=folder, capture_output=True, timeout=20, check=True, env=given_env
    )
    assert done.stderr == b""
    arguments, _, piped = (
        done.stdout.rpartition(b"\0|")
        if b"\0|" in done.stdout and script.startswith("printf")
        else (done.stdout.removesuffix(b"\0"), b"", b"")
    )
    return [each.decode() for each in arguments.split(b"\0")], piped


def body_given(script: str, shell: str) -> bytes | None:
    arguments, piped = run_shell(script, shell)
    if "--data-raw" in arguments:
        return arguments[arguments.index("--data-raw") + 1].encode()
    return piped if "--data-binary" in arguments else None


@THOROUGH
@given(REQUESTS, ANY, st.booleans())
def test_any_request_becomes_python_that_compiles_and_holds_the_body(
    request: WebRequest, title: str, has_slots: bool
) -> None:
    repro = make(request, title=title, slots=SLOTS if has_slots else ())
    text = pytest_file(repro).text
    tree = ast.parse(text)
    known = {each.targets[0].id: each.value for each in tree.body if isinstance(each, ast.Assign)}  # type: ignore[attr-defined]
    sent = body_without_slots(repro)
    assert ("BODY" in known) == (sent is not None)
    if sent is not None:
        assert ast.literal_eval(known["BODY"]) == sent
    kinds = {type(each) for each in tree.body}
    assert kinds <= {ast.Import, ast.Assign, ast.FunctionDef}


@pytest.mark.parametrize("shell", ["bash", "dash"])
@THOROUGH
@given(request=REQUESTS)
def test_a_real_shell_gives_back_exactly_the_bodys_bytes(shell: str, request: WebRequest) -> None:
    sent = body_text(request)
    assert body_given(curl_line(make(request)), shell) == (None if sent is None else sent.encode())


@pytest.mark.parametrize("shell", ["bash", "dash"])
@pytest.mark.parametrize("text", [*HOSTILE, "%s%n\\0", "{{$processEnv HOME}}", "--", "-n", "\x00\x01", "€'\"`$("])
def test_nothing_that_a_client_sent_becomes_code(text: str, shell: str, tmp_path: Path) -> None:
    request = WebRequest(
        "POST", f"/orders/{text}", (("q", text), (text, "x")), (("X-Note", text), (text, "value")), text, is_json=False
    )
    whole = curl_file(make(request, title=text, slots=SLOTS)).text
    line = next(at for at, each in enumerate(whole.splitlines(keepends=True)) if not each.startswith("#"))
    run_shell(whole, shell, tmp_path)
    arguments, piped = run_shell("".join(whole.splitlines(keepends=True)[line:]), shell, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert piped == text.encode() or arguments[arguments.index("--data-raw") + 1] == text
    names = {each for each in arguments if each.startswith("--") and ": " not in each} - {text}
    allowed = {"--include", "--silent", "--show-error", "--proto", "--globoff", "--path-as-is", "--request", "--url"}
    assert names <= allowed | {"--url-query", "--header", "--cookie", "--data-raw", "--data-binary"}
    assert "Authorization: s3cret" in arguments and "key%20%26%20more=s3cret" in arguments
    assert ast.parse(pytest_file(make(request, title=text, slots=SLOTS)).text)


def test_a_missing_secret_stops_the_line_and_a_lost_value_does_not() -> None:
    request = WebRequest("POST", "/orders", body={"pin": 1, "a": "x"})
    line = curl_line(make(request, slots=SLOTS))
    arguments, _ = run_shell(line, "dash")
    assert '{"pin":"s3cret","a":"x"}' in arguments and "session=s3cret" in arguments
    without = {"TRADEWATCH_SESSION": ""}
    assert "--cookie" not in run_shell(line, "bash", env=without)[0]
    done = subprocess.run(
        ["bash", "-c", ECHO + line], capture_output=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode != 0 and b"TRADEWATCH_" in done.stderr


def test_a_large_body_is_no_argument_of_a_program() -> None:
    line = curl_line(make(WebRequest("POST", "/", body={"note": "x" * 300_000})))
    assert line.startswith("printf") and len(body_given(line, "dash") or b"") > 300_000


def read_http(text: str) -> tuple[str, dict[str, str], str]:
    """Read a .http file as its clients do: request line, headers, body, variables put in."""
    variables = dict(re.findall(r"^@(\w+) = (.*)$", text, re.MULTILINE))
    requests = re.split(r"^###.*$", text, flags=re.MULTILINE)
    assert len(requests) == 2
    lines = requests[1].lstrip("\n").split("\n")
    while lines[0].startswith("#"):
        lines.pop(0)
    head, _, body = "\n".join(lines).partition("\n\n")
    request_line, *headers = head.rstrip("\n").split("\n")
    used = re.findall(r"{{(.*?)}}", request_line + body + "".join(headers))
    assert set(used) <= set(variables), used
    return request_line, dict(each.split(": ", 1) for each in headers if each), body.removesuffix("\n")


@THOROUGH
@given(REQUESTS)
def test_a_http_file_holds_one_request_and_no_variable_of_a_client(request: WebRequest) -> None:
    try:
        text = http_file(make(request)).text
    except Invalid as fault:
        assert not request.is_json and fault.errors == {"format": ["cannot hold this body"]}
        return
    request_line, headers, body = read_http(text)
    assert re.fullmatch(r"[A-Z-]+ {{target}}/[!-~]*", request_line)
    assert all("{{" not in value for value in headers.values())
    sent = body_text(request)
    if request.is_json and sent is not None and "form" not in headers.get("Content-Type", ""):
        assert json.loads(body) == json.loads(sent)
    else:
        assert body == (sent or "")


def test_secrets_are_named_and_never_written() -> None:
    request = WebRequest(
        "POST",
        "/orders",
        headers=(("Authorization", "Bearer abc"), ("Cookie", "a=1; session=xyz")),
        body={"pin": "9876"},
    )
    repro = make(request, slots=SLOTS, lost=("header X-Key",))
    for made in (pytest_file(repro), curl_file(repro), http_file(repro)):
        assert not re.search("Bearer abc|xyz|9876", made.text), made.name
        assert all(slot.variable in made.text for slot in SLOTS) and "header X-Key" in made.text
    assert "a=1" in curl_file(repro).text
