from debugging.contexts.api import Capture, Contexts
from debugging.exports.api import SessionReproduction
from debugging.patterns.api import IssueAnalysis, IssuePatterns, OnePattern, Patterns
from debugging.sessions.api import OneSession, OneStep, SessionLook, SessionNotes, Sessions
from tradewatch.core.routes import both

urlpatterns = [
    *both("debug/capture", Capture.as_view(), "debug-capture"),
    *both("debug/contexts", Contexts.as_view(), "debug-contexts"),
    *both("debug/patterns", Patterns.as_view(), "debug-patterns"),
    *both("debug/patterns/<int:pattern_id>", OnePattern.as_view(), "debug-pattern"),
    *both("debug/issues/<slug:key>/patterns", IssuePatterns.as_view(), "debug-issue-patterns"),
    *both("debug/issues/<slug:key>/analyse", IssueAnalysis.as_view(), "debug-issue-analyse"),
    *both("debug/sessions", Sessions.as_view(), "debug-sessions"),
    *both("debug/session/<slug:key>", OneSession.as_view(), "debug-session"),
    *both("debug/session/<int:session_id>/reproduction", SessionReproduction.as_view(), "debug-session-reproduction"),
    *both("debug/session/<int:session_id>/look", SessionLook.as_view(), "debug-session-look"),
    *both("debug/session/<int:session_id>/notes", SessionNotes.as_view(), "debug-session-notes"),
    *both("debug/session/<int:session_id>/steps/<slug:step>", OneStep.as_view(), "debug-session-step"),
]
