"""Admin of issues, events and the rules that classify and group them."""

from tradewatch.errors.admin.classification import ClassificationRuleAdmin as ClassificationRuleAdmin
from tradewatch.errors.admin.events import EventAdmin as EventAdmin
from tradewatch.errors.admin.fingerprints import FingerprintRuleAdmin as FingerprintRuleAdmin
from tradewatch.errors.admin.issues import IssueAdmin as IssueAdmin
