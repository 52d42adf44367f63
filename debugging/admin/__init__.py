"""Admin of debugging sessions and of what code captured."""

from debugging.admin.contexts import ErrorContextAdmin as ErrorContextAdmin
from debugging.admin.sessions import DebugSessionAdmin as DebugSessionAdmin
