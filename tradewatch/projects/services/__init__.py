"""Changes to projects and to who may do what in them. Each takes its `actor`, checks it, and writes the audit trail."""

from tradewatch.projects.services.members import add_member, change_role, remove_member
from tradewatch.projects.services.projects import create_key, create_project, label_key, revoke_key, update_project
from tradewatch.projects.services.tokens import issue_token, revoke_token

__all__ = [
    "add_member",
    "change_role",
    "create_key",
    "create_project",
    "issue_token",
    "label_key",
    "remove_member",
    "revoke_key",
    "revoke_token",
    "update_project",
]
