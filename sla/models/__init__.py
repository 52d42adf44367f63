"""What `sla` stores, one file a subject."""

from sla.models.corrections import Correction as Correction
from sla.models.measures import HourSpread as HourSpread
from sla.models.measures import Measure as Measure
from sla.models.measures import MinuteBlock as MinuteBlock
from sla.models.news import TargetNews as TargetNews
from sla.models.reports import ClosedPeriod as ClosedPeriod
from sla.models.reports import Report as Report
from sla.models.reports import ReportMailing as ReportMailing
from sla.models.reports import ReportSchedule as ReportSchedule
from sla.models.targets import Target as Target
from sla.models.targets import TargetVersion as TargetVersion
