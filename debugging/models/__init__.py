"""What `debugging` stores, one file a subject."""

from debugging.models.contexts import ErrorContext as ErrorContext
from debugging.models.sessions import DebugSession as DebugSession
from debugging.models.sessions import SessionEntry as SessionEntry
from debugging.models.sessions import SessionSnapshot as SessionSnapshot
from debugging.models.sessions import SessionStep as SessionStep
