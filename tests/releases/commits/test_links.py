from dataclasses import dataclass

import pytest

from releases.commits.links import commit_url, compare_url, host_of, page_of


@dataclass
class Hosted:
    url: str
    host: str = ""


@pytest.mark.parametrize(
    ("url", "page", "host"),
    [
        ("https://github.com/acme/trading-api", "https://github.com/acme/trading-api", "github"),
        ("https://github.com/acme/trading-api.git/", "https://github.com/acme/trading-api", "github"),
        ("git@github.com:acme/trading-api.git", "https://github.com/acme/trading-api", "github"),
        ("ssh://git@github.com:22/acme/api.git", "https://github.com/acme/api", "github"),
        ("http://github.com/acme/api", "https://github.com/acme/api", "github"),
        ("github.com/acme/api", "https://github.com/acme/api", "github"),
        ("https://mara:s3cret@gitlab.com/acme/desk/api.git", "https://gitlab.com/acme/desk/api", "gitlab"),
        ("git@gitlab.acme.internal:desk/api", "https://gitlab.acme.internal/desk/api", "gitlab"),
        ("https://gitlab-eu.acme.io:8443/desk/api", "https://gitlab-eu.acme.io:8443/desk/api", "gitlab"),
        ("https://bitbucket.org/acme/api", "https://bitbucket.org/acme/api", "bitbucket"),
        ("https://codeberg.org/acme/api", "https://codeberg.org/acme/api", "gitea"),
        ("https://code.acme.io/acme/api", "https://code.acme.io/acme/api", ""),
        ("https://notgithub.com/acme/api", "https://notgithub.com/acme/api", ""),
        ("https://github.com/acme/Räume und mehr", "https://github.com/acme/R%C3%A4ume%20und%20mehr", "github"),
        ('https://github.com/acme/"><script>', "https://github.com/acme/%22%3E%3Cscript%3E", "github"),
        ("javascript:alert(1)//github.com/acme/api", "", ""),
        ("https://github.com/../../x", "", ""),
        ("https://github.com", "", ""),
        ("https://git hub.com/acme/api", "", ""),
        ("https://[::1/acme/api", "", ""),
        ("file:///srv/git/acme/api", "", ""),
        ("acme/trading-api", "", ""),
        ("", "", ""),
    ],
)
def test_the_page_of_what_people_paste(url: str, page: str, host: str) -> None:
    assert (page_of(url), host_of(url)) == (page, host)


@pytest.mark.parametrize(
    ("url", "host", "commit", "compare"),
    [
        ("git@github.com:a/b.git", "", "https://github.com/a/b/commit/9f3c", "https://github.com/a/b/compare/v1...v2"),
        ("https://gitlab.com/a/b", "", "https://gitlab.com/a/b/-/commit/9f3c", "https://gitlab.com/a/b/-/compare/v1...v2"),
        ("https://bitbucket.org/a/b", "", "https://bitbucket.org/a/b/commits/9f3c", "https://bitbucket.org/a/b/branches/compare/v2%0Dv1"),
        ("https://code.acme.io/a/b", "gitea", "https://code.acme.io/a/b/commit/9f3c", "https://code.acme.io/a/b/compare/v1...v2"),
        ("https://github.com/a/b", "gitlab", "https://github.com/a/b/-/commit/9f3c", "https://github.com/a/b/-/compare/v1...v2"),
        ("https://code.acme.io/a/b", "", "", ""),
        ("", "github", "", ""),
    ],
)  # fmt: skip
def test_links_to_the_host(url: str, host: str, commit: str, compare: str) -> None:
    repository = Hosted(url, host)
    assert commit_url(repository, "9f3c") == commit
    assert compare_url(repository, "v1", "v2") == compare


def test_whatever_a_name_holds_stays_one_part_of_the_path() -> None:
    repository = Hosted("https://github.com/a/b")
    assert compare_url(repository, "release/1.0?x=#y", "a+b") == (
        "https://github.com/a/b/compare/release%2F1.0%3Fx%3D%23y...a%2Bb"
    )
    assert compare_url(repository, "", "v2") == ""
