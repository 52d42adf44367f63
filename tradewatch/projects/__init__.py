"""Projects and who may do what in them: DSN keys, environments, memberships, API tokens, release identity.

Leaves what a project records to the apps after it.
"""
