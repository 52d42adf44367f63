"""The admin finds the pages of SLA here; each subject has its own."""

from sla.admin.corrections import CorrectionAdmin as CorrectionAdmin
from sla.admin.reports import ReportScheduleAdmin as ReportScheduleAdmin
from sla.admin.targets import TargetAdmin as TargetAdmin
