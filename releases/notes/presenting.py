"""Notes as the API answers them: plain JSON values. `releases.notes.serializers` describes the same to OpenAPI."""

from collections.abc import Mapping
from typing import Any

from releases.notes.markdown import markdown_of
from releases.notes.values import Entry, IssueLine, Notes
from releases.notes.words import summary_of


def presented(notes: Notes) -> dict[str, Any]:
    return {
        "version": notes.version,
        "previous": notes.previous,
        "environment": notes.environment,
        "summary": summary_of(notes),
        "sections": [
            {"title": str(group.section), "entries": [entry_answer(each) for each in group.entries]}
            for group in notes.sorted.groups
        ],
        "markdown": markdown_of(notes),
        "counts": counts_of(notes),
        "reverted": [{"sha": taken, "by": revert} for revert, taken in notes.sorted.cancelled],
        "contributors": [{"name": each.name, "commits": each.commits} for each in notes.contributors],
        "issues": {"resolved": list(map(_issue, notes.resolved)), "new": list(map(_issue, notes.new))},
        "deployments": [
            {
                "environment": each.environment,
                "status": each.state.lower().replace(" ", "_"),
                "at": each.at,
                "by": each.by,
                "url": each.url,
            }
            for each in notes.deployments
        ],
        "compare_url": notes.compare_url or None,
    }


def counts_of(notes: Notes) -> Mapping[str, int]:
    """Return how many there are: `commits` = `entries` + 2 * `reverted` + `merges`."""
    found = notes.sorted
    return {
        "commits": found.commit_count,
        "entries": found.entry_count,
        "reverted": len(found.cancelled),
        "merges": len(found.merges),
        "contributors": len(notes.contributors),
    }


def entry_answer(entry: Entry) -> dict[str, Any]:
    return {
        "sha": entry.sha,
        "subject": entry.subject,
        "type": entry.type or None,
        "scope": entry.scope or None,
        "author": entry.author or None,
        "url": entry.url or None,
        "breaking": entry.is_breaking,
        "breaking_changes": list(entry.breaking_changes),
        "issues": [{"name": each.name, "url": each.url or None} for each in entry.issues],
    }


def _issue(issue: IssueLine) -> dict[str, str]:
    return {"title": issue.title, "url": issue.url}
