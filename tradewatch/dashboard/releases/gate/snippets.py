"""The lines for CI, complete but for the deployment's own command. docs/ci.md has the same; a test compares them."""

from dataclasses import dataclass

_OPTIONS = (
    '--environment production \\\n{pad}--version "{version}" --commit "{commit}" --ref "{ref}" \\\n'
    '{pad}--url "{url}" --by "{by}" \\\n{pad}--wait 1800 -- ./deploy.sh'
)


@dataclass(frozen=True, slots=True)
class CiSnippet:
    key: str
    name: str
    file: str
    code: str
    note: str

    @property
    def lines(self) -> list[str]:
        return self.code.split("\n")


def make_ci_snippets(url: str) -> list[CiSnippet]:
    """Return those of GitHub Actions and GitLab for the TradeWatch at `url`."""
    return [
        CiSnippet(
            "github",
            "GitHub Actions",
            ".github/workflows/deploy.yml",
            _github(url),
            "Add the secret TRADEWATCH_TOKEN under Settings, Secrets and variables, Actions.",
        ),
        CiSnippet(
            "gitlab",
            "GitLab",
            ".gitlab-ci.yml",
            _gitlab(url),
            "Add the masked variable TRADEWATCH_TOKEN under Settings, CI/CD, Variables.",
        ),
    ]


def _github(url: str) -> str:
    options = _OPTIONS.format(
        pad=" " * 12,
        version="${GITHUB_REF_NAME#v}",
        commit="$GITHUB_SHA",
        ref="$GITHUB_REF",
        url="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID",
        by="$GITHUB_ACTOR",
    )
    return f"""name: Deploy
on:
  push:
    tags: ["v*"]
concurrency: production
jobs:
  deploy:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    env:
      TRADEWATCH_URL: {url}
      TRADEWATCH_TOKEN: ${{{{ secrets.TRADEWATCH_TOKEN }}}}
    steps:
      - uses: actions/checkout@v4
      - name: Ask the gate, deploy, say how it ended
        run: |
          sh ci/tradewatch-deploy.sh {options}"""


def _gitlab(url: str) -> str:
    options = _OPTIONS.format(
        pad=" " * 8,
        version="${CI_COMMIT_TAG#v}",
        commit="$CI_COMMIT_SHA",
        ref="$CI_COMMIT_REF_NAME",
        url="$CI_JOB_URL",
        by="$GITLAB_USER_NAME",
    )
    return f"""deploy:
  stage: deploy
  image: python:3.13
  resource_group: production
  timeout: 1h
  rules:
    - if: $CI_COMMIT_TAG
  variables:
    TRADEWATCH_URL: {url}
  script:
    - |
      sh ci/tradewatch-deploy.sh {options}"""
