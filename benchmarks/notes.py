"""Notes over 10,000 commits, through the API. `python -m benchmarks.notes`

A line of 12,000 commits with merges of side branches and reverts, their parents known; 2.0.1 was told all of them, 2.0.0
the 2,000 oldest and went out. "since 2.0.0" follows parents; "own" are those of a version that was told 10,000 by itself.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.store import measured_apart, open_store

if TYPE_CHECKING:
    from django.test import Client

    from releases.commits.drafts import CommitDraft

COMMITS, OLDER, TRIES = 10_000, 2_000, 7
NOW = datetime(2026, 11, 26, 15, 7, 20, tzinfo=UTC)
KINDS = ("feat", "fix(risk)", "perf", "docs", "refactor!", "build(deps)", "test", "chore")
PATHS = {
    "json, since 2.0.0": "/release/notes/2.0.1",
    "markdown, since 2.0.0": "/release/notes/2.0.1?format=markdown",
    "html, since 2.0.0": "/release/notes/2.0.1?format=html",
    "json, own": "/release/notes/3.0.0?environment=nowhere",
}


def measure_notes() -> dict[str, Any]:
    return measured_apart("benchmarks.notes")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--commits", type=int, default=COMMITS)
    options.add_argument("--profile", action="store_true", help="say where the first of them spends its time")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="tw-bench-") as home:
        open_store(Path(home))
        fill(chosen.commits)
        client, headers = _client()
        if chosen.profile:
            _profile(client, headers)
            return
        found = {
            "commits": chosen.commits,
            "milliseconds": {name: _timed(client, path, headers) for name, path in PATHS.items()},
            "load_average": os.getloadavg()[0],
        }
    print(json.dumps(found, indent=1))


def fill(number: int) -> None:
    from releases.commits.storing import release_named, repository_named, set_release_commits, store_commits
    from releases.models import Deployment
    from tradewatch.projects.models import Project

    project = Project.objects.get(slug="default")
    repository = repository_named(project, "acme/oms", url="https://github.com/acme/oms", now=NOW)
    line = store_commits(repository, list(_line(number + OLDER)))
    newest_first = list(reversed(line))
    for version, commits in (
        ("2.0.0", newest_first[number:]),
        ("2.0.1", newest_first),
        ("3.0.0", newest_first[:number]),
    ):
        set_release_commits(release_named(project, version, now=NOW), commits)
    Deployment.objects.create(
        project=project, environment="production", version="2.0.0", state="succeeded", deployed_by="bench",
        started_at=NOW, finished_at=NOW + timedelta(minutes=2),
    )  # fmt: skip


def _line(number: int) -> Iterator["CommitDraft"]:
    """Yield commits, the oldest first. Every tenth a merge of a side branch of one, every fiftieth a revert."""
    from releases.commits.drafts import CommitDraft

    for at in range(number):
        parents: tuple[str, ...] = (_sha(at - 1),) if at else ()
        message = f"{KINDS[at % len(KINDS)]}: change number {at} of the order book (#{at})"
        if at % 10 == 9:
            parents, message = (_sha(at - 2), _sha(at - 1)), f"Merge branch 'side-{at}' into main"
        elif at % 50 == 25:
            message = f'Revert "something"\n\nThis reverts commit {_sha(at - 3)}.'
        body = "\n\nWhy it was needed, in a few lines of text.\nAnd one more.\n\nReviewed-by: Tomas Reyes\nRefs: RISK-7"
        yield CommitDraft(
            _sha(at), message + (body if at % 10 != 9 else ""), f"Author {at % 40}", f"author{at % 40}@desk.example",
            NOW - timedelta(minutes=number - at), parents,
        )  # fmt: skip


def _sha(at: int) -> str:
    return f"{at * 2_654_435_761 % 2**32:08x}".ljust(40, "a")


def _client() -> tuple["Client", dict[str, str]]:
    from django.conf import settings
    from django.test import Client

    from tradewatch.projects.authentication import secret_digest
    from tradewatch.projects.models import ApiToken

    settings.ALLOWED_HOSTS = ["*"]
    secret = "tw_" + "b" * 40
    ApiToken.objects.create(name="bench", prefix=secret[:10], digest=secret_digest(secret), scopes=["releases:read"])
    return Client(), {"Authorization": f"Bearer {secret}"}


def _timed(client: "Client", path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return the median and the longest of several tries; the first, which warms up, is told apart."""
    taken, worked = [], []
    for _ in range(TRIES + 1):
        start, began = time.perf_counter(), time.process_time()
        answer = client.get(path, headers=headers)
        taken.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.process_time() - began))
        assert answer.status_code == 200, answer.content[:300]
    found: dict[str, Any] = {
        "first": round(taken[0]),
        "median": round(statistics.median(taken[1:])),
        "max": round(max(taken[1:])),
    }
    found["cpu_median"] = round(statistics.median(worked[1:]))  # what counts where others work beside it
    if answer["Content-Type"] == "application/json":
        found["counts"] = answer.json()["counts"]
    return {**found, "bytes": len(answer.content)}


def _profile(client: "Client", headers: dict[str, str]) -> None:
    import cProfile
    import pstats

    path = next(iter(PATHS.values()))
    client.get(path, headers=headers)
    with cProfile.Profile() as profile:
        client.get(path, headers=headers)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
