"""The lines for CI are valid for their hosts, run the script with options that it has, and are those of the docs."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import ROOT
from tradewatch.dashboard.releases.gate.snippets import CiSnippet, make_ci_snippets

DOCS = (ROOT / "docs" / "ci.md").read_text()
SCRIPT = ROOT / "examples" / "ci" / "tradewatch-deploy.sh"
SNIPPETS = {each.key: each for each in make_ci_snippets("https://tradewatch.example")}


def options_of_the_script() -> set[str]:
    told = subprocess.run(["dash", str(SCRIPT), "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  (--[a-z-]+)", told, re.MULTILINE))


def run_lines(snippet: CiSnippet) -> str:
    document: Any = yaml.safe_load(snippet.code)
    if snippet.key == "gitlab":
        return "\n".join(document["deploy"]["script"])
    return "\n".join(step["run"] for step in document["jobs"]["deploy"]["steps"] if "run" in step)


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=list(SNIPPETS))
def test_what_is_run_is_the_script_with_options_that_it_has(snippet: CiSnippet, tmp_path: Path) -> None:
    text = run_lines(snippet)
    subprocess.run(["dash", "-n"], input=text, text=True, check=True)
    words = shlex.split(text.replace("\\\n", " "))
    assert words[:2] == ["sh", "ci/tradewatch-deploy.sh"]
    options, command = words[2 : words.index("--")], words[words.index("--") + 1 :]
    assert {each for each in options if each.startswith("--")} <= options_of_the_script()
    assert command == ["./deploy.sh"]
    assert [bool(each.startswith("--")) for each in options] == [True, False] * (len(options) // 2)


def test_github_is_told_when_where_and_with_which_secret() -> None:
    document = yaml.safe_load(SNIPPETS["github"].code)
    assert document[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads `on` so; GitHub reads 1.2
    job = document["jobs"]["deploy"]
    assert job["env"] == {
        "TRADEWATCH_URL": "https://tradewatch.example",
        "TRADEWATCH_TOKEN": "${{ secrets.TRADEWATCH_TOKEN }}",
    }
    assert (document["concurrency"], job["timeout-minutes"]) == ("production", 60)


def test_gitlab_deploys_one_at_a_time() -> None:
    job = yaml.safe_load(SNIPPETS["gitlab"].code)["deploy"]
    assert job["resource_group"] == "production" and job["variables"] == {
        "TRADEWATCH_URL": "https://tradewatch.example"
    }


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=list(SNIPPETS))
def test_the_docs_have_the_same_lines(snippet: CiSnippet) -> None:
    assert f"```yaml\n{snippet.code}\n```" in DOCS


def test_the_docs_name_each_option_and_code() -> None:
    assert all(f"`{option}" in DOCS for option in options_of_the_script())
    codes = re.findall(r"\b(\d+) (?:usage|the gate|TradeWatch)", SCRIPT.read_text())
    assert codes == ["2", "10", "11", "12"] and all(f"| {code} |" in DOCS for code in codes)
