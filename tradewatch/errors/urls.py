from tradewatch.core.routes import both
from tradewatch.errors.api import changing, notes, reading
from tradewatch.errors.api.tracking import Metrics, Status, Test

ISSUES, ISSUE = "error-tracking/issues", "error-tracking/issues/<int:issue_id>"

urlpatterns = [
    *both("error-tracking/status", Status.as_view(), "error-tracking-status"),
    *both("error-tracking/metrics", Metrics.as_view(), "error-tracking-metrics"),
    *both("error-tracking/test", Test.as_view(), "error-tracking-test"),
    *both(ISSUES, reading.Issues.as_view(), "api-issues"),
    *both(f"{ISSUES}/bulk", changing.Bulk.as_view(), "api-issues-bulk"),
    *both("error-tracking/undo", changing.Undo.as_view(), "api-issues-undo"),
    *both(ISSUE, reading.OneIssue.as_view(), "api-issue"),
    *both(f"{ISSUE}/similar", reading.Similar.as_view(), "api-issue-similar"),
    *both(f"{ISSUE}/activity", reading.IssueActivity.as_view(), "api-issue-activity"),
    *both(f"{ISSUE}/events", reading.IssueEvents.as_view(), "api-issue-events"),
    *both(f"{ISSUE}/events/<str:event_id>", reading.OneEvent.as_view(), "api-issue-event"),
    *both(f"{ISSUE}/notes", notes.Notes.as_view(), "api-issue-notes"),
    *both(f"{ISSUE}/notes/<int:note_id>", notes.OneNote.as_view(), "api-issue-note"),
    *both(f"{ISSUE}/resolve", changing.Resolve.as_view(), "api-issue-resolve"),
    *both(f"{ISSUE}/ignore", changing.Ignore.as_view(), "api-issue-ignore"),
    *both(f"{ISSUE}/reopen", changing.Reopen.as_view(), "api-issue-reopen"),
    *both(f"{ISSUE}/assign", changing.Assign.as_view(), "api-issue-assign"),
    *both(f"{ISSUE}/priority", changing.Priority.as_view(), "api-issue-priority"),
    *both(f"{ISSUE}/bookmark", changing.Bookmark.as_view(), "api-issue-bookmark"),
    *both(f"{ISSUE}/merge", changing.Merge.as_view(), "api-issue-merge"),
    *both(f"{ISSUE}/unmerge", changing.Unmerge.as_view(), "api-issue-unmerge"),
]
