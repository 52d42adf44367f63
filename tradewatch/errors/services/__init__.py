"""What people and tokens do to issues. Each takes its `actor`, is audited, leaves an activity, and is one transaction.

Give a change an `undo_token` (a fresh `uuid4`, one for all issues of a click) to offer `undo_change` for it.
"""

from tradewatch.errors.services.assigning import assign_issue as assign_issue
from tradewatch.errors.services.assigning import may_be_assigned as may_be_assigned
from tradewatch.errors.services.assigning import set_priority as set_priority
from tradewatch.errors.services.bulk import BulkOutcome as BulkOutcome
from tradewatch.errors.services.bulk import change_issues as change_issues
from tradewatch.errors.services.merging import merge_issue as merge_issue
from tradewatch.errors.services.merging import merge_issues as merge_issues
from tradewatch.errors.services.merging import unmerge_issue as unmerge_issue
from tradewatch.errors.services.notes import add_note as add_note
from tradewatch.errors.services.notes import bookmark_issue as bookmark_issue
from tradewatch.errors.services.notes import delete_note as delete_note
from tradewatch.errors.services.notes import edit_note as edit_note
from tradewatch.errors.services.notes import remove_bookmark as remove_bookmark
from tradewatch.errors.services.resolving import ignore_issue as ignore_issue
from tradewatch.errors.services.resolving import reopen_issue as reopen_issue
from tradewatch.errors.services.resolving import resolve_issue as resolve_issue
from tradewatch.errors.services.resolving import wake_ignored_issues as wake_ignored_issues
from tradewatch.errors.services.undoing import undo_change as undo_change
