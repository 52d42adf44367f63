"""Admin of people: accounts with their roles, sessions, second factors, failed logins."""

from tradewatch.accounts.admin import logins, people

__all__ = ["logins", "people"]
