"""Admin of projects, keys, tokens, people and the audit trail; `scoped` and `rules` are the bases other apps use."""

from tradewatch.projects.admin import people, projects, tokens

__all__ = ["people", "projects", "tokens"]
