"""Which commits lie between two versions: from their parents where those are known, else from the releases' lists."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from releases.commits.drafts import SHA
from releases.commits.ordering import Parents, ancestors, between, newest_first
from releases.models import Commit, Deployment, ReleaseCommit
from releases.queries import releases_named
from tradewatch.projects.models import Release
from tradewatch.projects.releases import ReleaseOrder, is_after, order_key, package_of

MOST_COMMITS = 50_000  # of a repository whose parents are followed: the newest
_UNKNOWN = datetime.min.replace(tzinfo=UTC)


def commits_between(project_id: int, older: str | None, newer: str) -> list[Commit]:
    """Return the commits that `newer` has and `older` has not, the newest first.

    Both are versions. Without `older`: all that are known of `newer`. Empty where `newer` is the older one, and where
    nothing is known of it.
    """
    heads, base = heads_of(project_id, newer), heads_of(project_id, older) if older else []
    if not older or older == newer:
        return [] if older else _each_once(heads)
    graphs = {pk: _graph(pk) for pk in {commit.repository_id for commit in heads}}
    found: set[tuple[int, str]] = set()
    for pk, parents in graphs.items():
        reached = between(_shas(base, pk), _shas(heads, pk), parents) if _shas(base, pk) else None
        if reached is None:
            return _from_lists(project_id, older, newer, heads, base, graphs)
        found |= {(pk, sha) for sha in reached}
    return newest_first(_read(found))


def heads_of(project_id: int, version: str) -> list[Commit]:
    """Return what is known of a version: its release's list in its order, else the one commit that it was built of."""
    names = releases_named(project_id, version)
    listed = _listed(names)
    if listed or not version:
        return listed
    shas = [version, *_deployed(project_id, version)]
    return next((found for sha in shas if (found := _named_by(project_id, sha))), [])


def _from_lists(
    project_id: int,
    older: str,
    newer: str,
    heads: Sequence[Commit],
    base: Sequence[Commit],
    graphs: Mapping[int, Parents],
) -> list[Commit]:
    """Return the lists of the releases after `older` up to `newer`, the newest first, without what `older` had."""
    rows = releases_named(project_id, newer)
    if not _is_later(project_id, older, newer):
        return []
    lists = [*heads, *_listed(_releases_between(project_id, older, rows))]
    known = {(pk, sha) for pk, parents in graphs.items() for sha in ancestors(_shas(base, pk), parents)}
    return newest_first([each for each in _each_once(lists) if (each.repository_id, each.sha) not in known])


def _each_once(commits: Sequence[Commit]) -> list[Commit]:
    return list({commit.pk: commit for commit in commits}.values())


def _releases_between(project_id: int, older: str, newer: Iterable[Release]) -> list[Release]:
    """Return the releases of the same package that come after the older one and before the newer, the newest first.

    None where nothing tells when the older one was: their lists may be its own.
    """
    rows = list(Release.objects.filter(project=project_id).exclude(release_commits=None).distinct())
    found = []
    for end in newer:
        package, limit = package_of(end.version), _order(end)
        start = _order_of(project_id, older, package)
        if start.first_seen_at == _UNKNOWN and not (start.key and limit.key):
            continue
        own = [row for row in rows if package_of(row.version) == package]
        found += [row for row in own if is_after(_order(row), start) and is_after(limit, _order(row))]
    return sorted(found, key=lambda row: (row.order_key, row.first_seen_at), reverse=True)


def _is_later(project_id: int, older: str, newer: str) -> bool:
    """Return whether `newer` comes after `older`; what nobody knows an order of is taken as it is asked."""
    end = _order_of(project_id, newer)
    start = _order_of(project_id, older, package_of(end.version))
    if _UNKNOWN in (start.first_seen_at, end.first_seen_at) and not (start.key and end.key):
        return True
    return is_after(end, start)


def _order_of(project_id: int, version: str, package: str = "") -> ReleaseOrder:
    """Return a version's place; one that nobody heard of is taken as of the `package`."""
    row = releases_named(project_id, version).order_by("first_seen_at").first()
    if row:
        return _order(row)
    whole = f"{package}@{version}" if package and "@" not in version else version
    return ReleaseOrder(whole, order_key(whole), _UNKNOWN)


def _order(row: Release) -> ReleaseOrder:
    return ReleaseOrder(row.version, row.order_key, row.first_seen_at)


def _listed(releases: Iterable[Release]) -> list[Commit]:
    """Return the lists of these releases, one after the other, in their order."""
    wanted = {row.pk: at for at, row in enumerate(releases)}
    rows = ReleaseCommit.objects.filter(release__in=wanted).select_related("commit__repository")
    return [row.commit for row in sorted(rows, key=lambda row: (wanted[row.release_id], row.position))]


def _deployed(project_id: int, version: str) -> list[str]:
    """Return the commits that deployments of the version named, the last first."""
    rows = Deployment.objects.filter(project=project_id, version=version).exclude(commit="")
    return list(rows.order_by("-started_at", "-id").values_list("commit", flat=True)[:5])


def _named_by(project_id: int, sha: str) -> list[Commit]:
    """Return the commit that a hash names, or its first seven digits or more; none where two begin with them."""
    if not SHA.fullmatch(sha.lower()):
        return []
    rows = Commit.objects.filter(repository__project=project_id, sha__startswith=sha.lower())
    found = list(rows.select_related("repository")[:2])
    return found if len(found) == 1 else []


def _graph(repository_id: int) -> dict[str, list[str]]:
    rows = Commit.objects.filter(repository=repository_id).order_by("-committed_at", "-pk")
    return dict(rows.values_list("sha", "parents")[:MOST_COMMITS])


def _shas(commits: Iterable[Commit], repository_id: int) -> list[str]:
    return [commit.sha for commit in commits if commit.repository_id == repository_id]


def _read(wanted: Collection[tuple[int, str]]) -> list[Commit]:
    found: list[Commit] = []
    for pk in {repository_id for repository_id, _ in wanted}:
        shas = sorted(sha for repository_id, sha in wanted if repository_id == pk)
        for start in range(0, len(shas), 500):
            part = Commit.objects.filter(repository=pk, sha__in=shas[start : start + 500])
            found += part.select_related("repository")
    return found
