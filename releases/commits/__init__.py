"""Commits of releases: told by CI or sentry-cli, or read from a repository."""
