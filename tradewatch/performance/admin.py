"""The admin finds the pages of an app here; each subject has its own."""

from tradewatch.performance.checks.admin import CheckAdmin as CheckAdmin
from tradewatch.performance.hosts.admin import HostAdmin as HostAdmin
from tradewatch.performance.traces.admin import PerformanceSettingsAdmin as PerformanceSettingsAdmin
