"""The report in words. It holds nothing of the person."""

from collections.abc import Mapping
from typing import Any

_PARTS = (
    (
        "changed",
        "Replaced by [erased]",
        "Rows that stay in their place and counts; only what names the person is replaced.",
    ),
    ("deleted", "Deleted", "Rows about the person alone."),
    ("kept", "Not touched", "Staff, the audit trail and sealed reports that name the person."),
    (
        "in_doubt",
        "Left, in doubt",
        "Recordings of a user with a name that the person has and others may have too. Look at each; what is theirs is "
        "deleted by hand.",
    ),
    ("longer", "Left", "The id or e-mail is only a part of a longer word there, which may be somebody else's."),
    ("unreadable", "Not readable", "Compressed or damaged: nobody looked into it."),
)


def report_text(report: Mapping[str, Any], projects: Mapping[int, str]) -> str:
    """Return the report as lines; `projects` {id: name}."""
    what = "Looked for" if report["only_looked"] else "Erased"
    where = projects.get(report["project"], "?") if report["project"] else "all projects"
    lines = [
        f"{what} the person ({report['person']}) in {where}",
        f"asked by {report['asked_by']}, ended {report['ended_at']}, {report['rows_looked_at']:,} rows looked at",
        *_remarks(report),
    ]
    for name, title, says in _PARTS:
        part = report.get(name, [])  # an older report has fewer of them
        lines += ["", f"{title}: {sum(each['rows'] for each in part):,} rows. {says}"]
        lines += [f"  {each['rows']:>9,}  {each['what']}{_of(each['project'], projects)}" for each in part]
    return "\n".join([*lines, "", "What could not be reached:", *(f"  - {each}" for each in report["not_reached"])])


def _remarks(report: Mapping[str, Any]) -> list[str]:
    said = []
    if report["also_known_by"]:
        said.append(
            f"also by {report['also_known_by']} other ids or e-mails that stood beside it in records of the user"
        )
    if report["shared_names_left"]:
        said.append(f"{report['shared_names_left']} ids or e-mails beside it are other users' as well and were left")
    if report.get("common_names_left"):
        said.append(
            f"{report['common_names_left']} ids or names beside it are common ones (like 42 or guest) and were not "
            "followed: they stay where they stand without it. Where such an id is the person's alone, erase it too"
        )
    if report["only_under_names_of_user_data"]:
        said.append(
            "an id is a common word or number: it was looked for under names of user data alone, not in free text"
        )
    return said


def _of(project: int | None, projects: Mapping[int, str]) -> str:
    return "" if project is None else f" ({projects.get(project, project)})"
