"""What `errors` stores, one file a subject."""

from tradewatch.errors.models.activity import Activity as Activity
from tradewatch.errors.models.activity import Bookmark as Bookmark
from tradewatch.errors.models.classification import ClassificationRule as ClassificationRule
from tradewatch.errors.models.events import Event as Event
from tradewatch.errors.models.events import EventPayload as EventPayload
from tradewatch.errors.models.fingerprints import FingerprintRule as FingerprintRule
from tradewatch.errors.models.internal import InternalError as InternalError
from tradewatch.errors.models.issues import Issue as Issue
from tradewatch.errors.models.issues import IssueHash as IssueHash
from tradewatch.errors.models.issues import IssueUser as IssueUser
from tradewatch.errors.models.issues import IssueUserAlias as IssueUserAlias
from tradewatch.errors.models.issues import TagCount as TagCount
from tradewatch.errors.models.saved_views import DefaultView as DefaultView
from tradewatch.errors.models.saved_views import SavedView as SavedView
