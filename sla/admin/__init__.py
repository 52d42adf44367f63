"""The admin finds the pages of SLA here; each subject has its own."""

from sla.admin.reports import ReportScheduleAdmin as ReportScheduleAdmin
