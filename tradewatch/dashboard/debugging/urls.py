"""The pages of debugging. What programs ask is under `/debug/session`, in `debugging.urls`."""

from django.urls import path

from tradewatch.core.routes import both
from tradewatch.dashboard.debugging import acting, pattern_views, recording_views, views

urlpatterns = [
    *both("debug", views.sessions, "debugging"),
    *both("patterns", pattern_views.patterns, "patterns"),
    path(
        "dashboard/actions/patterns/<int:pattern_id>/<slug:action>", pattern_views.act_on_pattern, name="act-on-pattern"
    ),
    path("dashboard/actions/patterns/issue/<int:issue_id>/look", pattern_views.analyse, name="analyse-issue"),
    *both("debug/<int:session_id>", views.session, "debug-session-page"),
    *both("debug/recording/<int:recording_id>", recording_views.recording, "debug-recording-page"),
    *both("debug/recording/<int:recording_id>/file", recording_views.download, "debug-recording-file"),
    path(
        "dashboard/actions/debug/recordings/<int:recording_id>/delete",
        recording_views.delete,
        name="delete-debug-recording",
    ),
    path("dashboard/actions/debug/open/<hexid:error_id>", views.open_on, name="open-debug-session"),
    path(
        "dashboard/actions/debug/<int:session_id>/replays/<int:replay_id>/<slug:action>",
        acting.act_on_replay,
        name="act-on-debug-replay",
    ),
    path(
        "dashboard/actions/debug/<int:session_id>/batches/<int:batch_id>/<slug:action>",
        acting.act_on_batch,
        name="act-on-debug-batch",
    ),
    path("dashboard/actions/debug/<int:session_id>/<slug:action>", views.act_on_session, name="act-on-debug-session"),
    path("dashboard/actions/debug/<int:session_id>/steps/<slug:key>", views.act_on_step, name="act-on-debug-step"),
]
