"""Where the minutes of each indicator come from: one source an indicator, registered by name."""

from sla.sources.registry import NoSourceError as NoSourceError
from sla.sources.registry import Source as Source
from sla.sources.registry import add_source as add_source
from sla.sources.registry import definition_faults as definition_faults
from sla.sources.registry import has_source as has_source
from sla.sources.registry import source_of as source_of
from sla.sources.values import Counted as Counted
