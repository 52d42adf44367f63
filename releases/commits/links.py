"""The pages of commits and comparisons at the host of a repository. Values in, values out.

Sources: https://docs.github.com/en/pull-requests/committing-changes-to-your-project/viewing-and-comparing-commits,
https://docs.gitlab.com/user/project/repository/, https://support.atlassian.com/bitbucket-cloud/, https://docs.gitea.com/
"""

import re
from typing import Protocol
from urllib.parse import quote, urlsplit

from releases.choices import RepositoryHost

# git@github.com:owner/name.git: https://git-scm.com/docs/git-clone#_git_urls
_SCP = re.compile(r"(?:[A-Za-z0-9_.-]+@)?([A-Za-z0-9.-]+\.[A-Za-z0-9-]+):(?!//)(.+)")
_BARE = re.compile(r"([A-Za-z0-9.-]+\.[A-Za-z]{2,})/([^/]+/.+)")  # host/owner/name: owner/name alone has no host
_HOSTNAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_HOSTS = (
    ("github", RepositoryHost.GITHUB),
    ("gitlab", RepositoryHost.GITLAB),
    ("bitbucket", RepositoryHost.BITBUCKET),
    ("gitea", RepositoryHost.GITEA),
    ("forgejo", RepositoryHost.GITEA),
    ("codeberg", RepositoryHost.GITEA),
)
_COMMIT = {
    RepositoryHost.GITHUB: "/commit/{sha}",
    RepositoryHost.GITLAB: "/-/commit/{sha}",
    RepositoryHost.BITBUCKET: "/commits/{sha}",
    RepositoryHost.GITEA: "/commit/{sha}",
}
_COMPARE = {
    RepositoryHost.GITHUB: "/compare/{older}...{newer}",
    RepositoryHost.GITLAB: "/-/compare/{older}...{newer}",
    RepositoryHost.BITBUCKET: "/branches/compare/{newer}%0D{older}",
    RepositoryHost.GITEA: "/compare/{older}...{newer}",
}


class Hosted(Protocol):
    """A repository: `url` of its page, or as git clones it; `host` a `RepositoryHost`, empty: as the url says."""

    url: str
    host: str


def page_of(url: str) -> str:
    """Return the https address of a repository's page; empty where the text leads to none.

    Takes what people paste: `https://host/owner/name(.git)`, `git@host:owner/name.git`, `ssh://git@host:22/owner/name`,
    with or without a user, whose name and password are left out.
    """
    host, path = _parts(url.strip())
    path = path.strip("/").removesuffix(".git").strip("/")
    if not host or not path or ".." in path.split("/"):
        return ""
    return f"https://{host}/{quote(path, safe='/~@._-')}"


def host_of(url: str) -> RepositoryHost:
    """Return whose pages a repository's address has, as its host's name tells; none where it does not."""
    name = (urlsplit(page_of(url)).hostname or "").split(".")
    for part, host in _HOSTS:
        if any(label == part or label.startswith(f"{part}-") for label in name):
            return host
    return RepositoryHost.NONE


def commit_url(repository: Hosted, sha: str) -> str:
    """Return the address of a commit's page; empty where the host is not known."""
    return _address(repository, _COMMIT, sha=sha)


def compare_url(repository: Hosted, older: str, newer: str) -> str:
    """Return the address of the comparison of two commits, tags or branches; empty where the host is not known."""
    return _address(repository, _COMPARE, older=older, newer=newer)


def _address(repository: Hosted, patterns: dict[RepositoryHost, str], **names: str) -> str:
    page = page_of(repository.url)
    host = RepositoryHost(repository.host) or host_of(repository.url)
    pattern = patterns.get(host)
    if not page or not pattern or not all(names.values()):
        return ""
    return page + pattern.format(**{name: quote(text, safe="") for name, text in names.items()})


def _parts(url: str) -> tuple[str, str]:
    """Return the host, with a port where the page has one, and the path; both empty where there is none."""
    if "://" not in url:
        found = _SCP.fullmatch(url) or _BARE.fullmatch(url)
        return (found[1].lower(), found[2]) if found else ("", "")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "", ""
    if parts.scheme not in ("https", "http", "ssh", "git", "git+ssh") or not _HOSTNAME.fullmatch(host):
        return "", ""
    is_page = parts.scheme == "https" and port not in (None, 443)
    return f"{host}:{port}" if is_page else host, parts.path
