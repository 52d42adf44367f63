from debugging.batches.api import BatchApproval, BatchCancel, Batches, Matrix, OneBatch, Shrink
from debugging.contexts.api import Capture, Contexts
from debugging.exports.api import SessionReproduction
from debugging.patterns.api import IssueAnalysis, IssuePatterns, OnePattern, Patterns
from debugging.recordings.api import OneRecording, RecordingDownload, Recordings
from debugging.replays.api import (
    OneReplay,
    ReplayApproval,
    ReplayRefusal,
    ReplayVerification,
    SessionReplay,
    SessionReplays,
)
from debugging.sessions.api import OneSession, OneStep, SessionLook, SessionNotes, Sessions
from debugging.simulations.api import SessionSimulate, SessionSimulations
from debugging.targets.api import OneTarget, Targets, TargetSecrets
from tradewatch.core.routes import both

urlpatterns = [
    *both("debug/capture", Capture.as_view(), "debug-capture"),
    *both("debug/contexts", Contexts.as_view(), "debug-contexts"),
    *both("debug/patterns", Patterns.as_view(), "debug-patterns"),
    *both("debug/patterns/<int:pattern_id>", OnePattern.as_view(), "debug-pattern"),
    *both("debug/issues/<slug:key>/patterns", IssuePatterns.as_view(), "debug-issue-patterns"),
    *both("debug/issues/<slug:key>/analyse", IssueAnalysis.as_view(), "debug-issue-analyse"),
    *both("debug/recordings", Recordings.as_view(), "debug-recordings"),
    *both("debug/recordings/<slug:replay_id>", OneRecording.as_view(), "debug-recording"),
    *both("debug/recordings/<slug:replay_id>/download", RecordingDownload.as_view(), "debug-recording-download"),
    *both("debug/sessions", Sessions.as_view(), "debug-sessions"),
    *both("debug/session/<slug:key>", OneSession.as_view(), "debug-session"),
    *both("debug/session/<int:session_id>/reproduction", SessionReproduction.as_view(), "debug-session-reproduction"),
    *both("debug/session/<int:session_id>/simulate", SessionSimulate.as_view(), "debug-session-simulate"),
    *both("debug/session/<int:session_id>/simulations", SessionSimulations.as_view(), "debug-session-simulations"),
    *both("debug/session/<int:session_id>/look", SessionLook.as_view(), "debug-session-look"),
    *both("debug/session/<int:session_id>/notes", SessionNotes.as_view(), "debug-session-notes"),
    *both("debug/session/<int:session_id>/steps/<slug:step>", OneStep.as_view(), "debug-session-step"),
    *both("debug/session/<int:session_id>/replay", SessionReplay.as_view(), "debug-session-replay"),
    *both("debug/session/<int:session_id>/replays", SessionReplays.as_view(), "debug-session-replays"),
    *both("debug/session/<int:session_id>/replays/<int:replay_id>", OneReplay.as_view(), "debug-replay"),
    *both(
        "debug/session/<int:session_id>/replays/<int:replay_id>/approve",
        ReplayApproval.as_view(),
        "debug-replay-approve",
    ),
    *both(
        "debug/session/<int:session_id>/replays/<int:replay_id>/refuse", ReplayRefusal.as_view(), "debug-replay-refuse"
    ),
    *both(
        "debug/session/<int:session_id>/replays/<int:replay_id>/verify",
        ReplayVerification.as_view(),
        "debug-replay-verify",
    ),
    *both("debug/targets", Targets.as_view(), "debug-targets"),
    *both("debug/targets/<int:target_id>", OneTarget.as_view(), "debug-target"),
    *both("debug/targets/<int:target_id>/secrets", TargetSecrets.as_view(), "debug-target-secrets"),
    *both("debug/session/<int:session_id>/matrix", Matrix.as_view(), "debug-matrix"),
    *both("debug/session/<int:session_id>/shrink", Shrink.as_view(), "debug-shrink"),
    *both("debug/session/<int:session_id>/batches", Batches.as_view(), "debug-batches"),
    *both("debug/session/<int:session_id>/batches/<int:batch_id>", OneBatch.as_view(), "debug-batch"),
    *both("debug/session/<int:session_id>/batches/<int:batch_id>/cancel", BatchCancel.as_view(), "debug-batch-cancel"),
    *both(
        "debug/session/<int:session_id>/batches/<int:batch_id>/approve", BatchApproval.as_view(), "debug-batch-approve"
    ),
]
