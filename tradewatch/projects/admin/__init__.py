"""Admin of projects, keys, tokens, teams and the audit trail; `scoped` and `rules` are the bases other apps use."""

from tradewatch.projects.admin import audit, projects, teams, tokens

__all__ = ["audit", "projects", "teams", "tokens"]
