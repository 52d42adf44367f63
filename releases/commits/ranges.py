"""Which commits lie between two versions: from their parents where those are known, else from the releases' lists."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from releases.commits.ordering import Parents, ancestors, between, newest_first
from releases.commits.queries import commits_known_of, commits_listed
from releases.models import Commit
from releases.queries import releases_named
from tradewatch.projects.models import Release
from tradewatch.projects.releases import ReleaseOrder, is_after, order_key, package_of

MOST_COMMITS = 50_000  # of a repository whose parents are followed: the newest
_UNKNOWN = datetime.min.replace(tzinfo=UTC)
_AT_ONCE = 500
Key = tuple[int, str]  # repository id, hash


def commits_between(project_id: int, older: str | None, newer: str) -> list[Commit]:
    """Return the commits that `newer` has and `older` has not, the newest first.

    Both are versions. Without `older`: all that are known of `newer`. Empty where `newer` is the older one, and where
    nothing is known of it.
    """
    heads = commits_known_of(project_id, newer)
    if not older:
        return _each_once(heads)
    if older == newer:
        return []
    base = commits_known_of(project_id, older)
    graphs = {pk: _graph(pk) for pk in {commit.repository_id for commit in heads}}
    found: set[Key] = set()
    for pk, parents in graphs.items():
        start = _shas(base, pk)
        reached = between(start, _shas(heads, pk), parents) if start else None
        if reached is None:
            return _from_lists(project_id, older, newer, heads, base, graphs)
        found |= {(pk, sha) for sha in reached}
    return newest_first(_read(found, heads))


def _from_lists(
    project_id: int,
    older: str,
    newer: str,
    heads: Sequence[Commit],
    base: Sequence[Commit],
    graphs: Mapping[int, Parents],
) -> list[Commit]:
    """Return the lists of the releases after `older` up to `newer`, the newest first, without what `older` had."""
    if not _is_later(project_id, older, newer):
        return []
    lists = [*heads, *commits_listed(_releases_between(project_id, older, newer))]
    known = {(pk, sha) for pk, parents in graphs.items() for sha in ancestors(_shas(base, pk), parents)}
    return newest_first([each for each in _each_once(lists) if (each.repository_id, each.sha) not in known])


def _each_once(commits: Sequence[Commit]) -> list[Commit]:
    return list({commit.pk: commit for commit in commits}.values())


def _releases_between(project_id: int, older: str, newer: str) -> list[Release]:
    """Return the releases with a list that come after `older` and before `newer`, of its package or of none.

    None where nothing tells when `older` was: their lists may be its own.
    """
    start, end = _order_of(project_id, older), _order_of(project_id, newer)
    if start.first_seen_at == _UNKNOWN and not (start.key and end.key):
        return []
    packages = {package_of(row.version) for row in releases_named(project_id, newer)} | {package_of(newer), ""}
    rows = Release.objects.filter(project=project_id).exclude(release_commits=None).distinct()
    own = [(_order(row), row) for row in rows if package_of(row.version) in packages]
    found = [(order, row) for order, row in own if is_after(order, start) and is_after(end, order)]
    return [row for order, row in sorted(found, key=lambda each: (each[0].key, each[0].first_seen_at), reverse=True)]


def _is_later(project_id: int, older: str, newer: str) -> bool:
    """Return whether `newer` comes after `older`; what nobody knows an order of is taken as it is asked."""
    start, end = _order_of(project_id, older), _order_of(project_id, newer)
    if _UNKNOWN in (start.first_seen_at, end.first_seen_at) and not (start.key and end.key):
        return True
    return is_after(end, start)


def _order_of(project_id: int, version: str) -> ReleaseOrder:
    """Return a version's place among those of its application: packages are left out, as deployments leave them out."""
    row = releases_named(project_id, version).order_by("first_seen_at").first()
    return _order(row) if row else ReleaseOrder(_bare(version), order_key(version), _UNKNOWN)


def _order(row: Release) -> ReleaseOrder:
    return ReleaseOrder(_bare(row.version), row.order_key, row.first_seen_at)


def _bare(version: str) -> str:
    return version.rpartition("@")[2]


def _graph(repository_id: int) -> dict[str, list[str]]:
    rows = Commit.objects.filter(repository=repository_id).order_by("-committed_at", "-pk")
    return dict(rows.values_list("sha", "parents")[:MOST_COMMITS])


def _shas(commits: Iterable[Commit], repository_id: int) -> list[str]:
    return [commit.sha for commit in commits if commit.repository_id == repository_id]


def _read(wanted: set[Key], known: Iterable[Commit]) -> list[Commit]:
    """Return the commits of these keys; those that are known already are not read again."""
    found = {(row.repository_id, row.sha): row for row in known if (row.repository_id, row.sha) in wanted}
    missing = sorted(wanted - found.keys())
    for pk in {repository_id for repository_id, _ in missing}:
        shas = [sha for repository_id, sha in missing if repository_id == pk]
        for start in range(0, len(shas), _AT_ONCE):
            rows = Commit.objects.filter(repository=pk, sha__in=shas[start : start + _AT_ONCE])
            found |= {(pk, row.sha): row for row in rows.select_related("repository")}
    return list(found.values())
