"""Where the host of a repository shows an issue. Values in, text out."""

from releases.choices import RepositoryHost
from releases.commits.links import Hosted, host_of, page_of

# GitHub and Gitea lead from an issue's address on to the pull request of that number; GitLab numbers those apart.
_ISSUES = {
    RepositoryHost.GITHUB: "/issues/{}",
    RepositoryHost.GITLAB: "/-/issues/{}",
    RepositoryHost.BITBUCKET: "/issues/{}",
    RepositoryHost.GITEA: "/issues/{}",
}


def issue_url(repository: Hosted) -> str:
    """Return the address of an issue's page, `{}` in place of its number; empty where the host is not known."""
    page = page_of(repository.url)
    pattern = _ISSUES.get(RepositoryHost(repository.host) or host_of(repository.url))
    return page + pattern if page and pattern and "{" not in page else ""
